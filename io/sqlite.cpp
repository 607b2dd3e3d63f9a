#include "io/sqlite.hpp"

#include <sqlite3.h>

#include <limits>

#include "base/error.hpp"

namespace trm {
namespace {

constexpr int largest_value = 16 << 20;  // bytes

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Statement::Statement(const Database& database, const char* sql) : database_(&database) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v2(database.handle(), sql, -1, &statement, nullptr);
  statement_.reset(statement);
  database.check(result);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  database_->check(sqlite3_bind_int64(statement_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  database_->check(sqlite3_bind_double(statement_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  database_->check(
      sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int parameter, std::span<const std::uint8_t> value) {
  database_->check(sqlite3_bind_blob64(statement_.get(), parameter, value.data(), value.size(), SQLITE_STATIC));
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  sqlite3_reset(statement_.get());
  if (result != SQLITE_DONE) database_->check(result);
  return false;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  const bool null = sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
  return null ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

std::span<const std::uint8_t> Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {static_cast<const std::uint8_t*>(data), data == nullptr ? 0 : size};
}

void Database::Close::operator()(sqlite3* connection) const noexcept {
  sqlite3_close_v2(connection);
}

Database::Database(const std::filesystem::path& path, Access access) : name_(path.string()) {
  const int flags = SQLITE_OPEN_READWRITE | (access == Access::create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(name_.c_str(), &connection, flags, nullptr);
  connection_.reset(connection);
  check(result);
  sqlite3_extended_result_codes(handle(), 1);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(handle(), SQLITE_LIMIT_LENGTH, largest_value);
}

void Database::execute(const char* sql) const {
  check(sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr));
}

bool Database::execute_unless_locked(const char* sql) const {
  const int result = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if ((result & 0xff) == SQLITE_BUSY) return false;
  check(result);
  return true;
}

std::int64_t Database::integer(const char* sql) const {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(const char* sql) const {
  Statement statement(*this, sql);
  return statement.step() ? std::string(statement.text(0)) : std::string();
}

void Database::wait_at_most(double seconds) const {
  sqlite3_busy_timeout(handle(), static_cast<int>(1000 * seconds));
}

void Database::check(int result) const {
  const std::string reason = handle() == nullptr ? "out of memory" : sqlite3_errmsg(handle());
  switch (result & 0xff) {
    case SQLITE_OK:
      return;
    case SQLITE_NOTADB:
      throw input_error(name_, "", "is no SQLite database", "check that it is the right file");
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_TOOBIG:
      throw input_error(name_, "", "is damaged (" + reason + ")");
    case SQLITE_BUSY:
      throw Error(ErrorKind::io, {.file = name_,
                                  .place = {},
                                  .what = "another program is writing this file",
                                  .remedy = "wait for it, or choose another file",
                                  .settings = {}});
    case SQLITE_FULL:
      throw Error(ErrorKind::io, name_ + ": cannot write: the disk is full; free some space");
    default:
      throw Error(ErrorKind::io, name_ + ": " + reason + "; check that the file and its folder may be written");
  }
}

}  // namespace trm
