#pragma once
// A connection to an SQLite database and its statements. Their failures are Errors that name the file. Files may come
// from anybody: a connection runs no code of a file (views, triggers, functions in its schema), and no value may have
// more than 16 MiB.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace trm {

class Database;

// A prepared statement. Bind from parameter 1 on, step, read from column 0 on.
class Statement {
 public:
  Statement(const Database& database, const char* sql);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);  // a NaN is stored as NULL
  Statement& bind(int parameter, std::string_view value);
  Statement& bind(int parameter, std::span<const std::uint8_t> value);  // bound bytes must live until step()

  bool step();  // true: there is a row; false: done, and ready to be bound again

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;                         // NULL is NaN
  [[nodiscard]] std::string_view text(int column) const;               // until the next step()
  [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;  // until the next step()

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Access : std::uint8_t { create, write };  // create: also where there is no file yet

  // ":memory:" is a database without a file. A file that may only be read is opened for reading. Throws Error(io).
  Database(const std::filesystem::path& path, Access access);

  void execute(const char* sql) const;
  // False, and nothing has changed: another connection holds a lock that this statement needs.
  [[nodiscard]] bool execute_unless_locked(const char* sql) const;
  [[nodiscard]] std::int64_t integer(const char* sql) const;  // the first value of the first row
  [[nodiscard]] std::string text(const char* sql) const;
  // How long a statement waits for a lock that another connection holds.
  void wait_at_most(double seconds) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] sqlite3* handle() const { return connection_.get(); }
  // Throws Error(input) for a damaged file, Error(io) for a full disk and the like; returns for success.
  void check(int result) const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const noexcept;
  };
  std::string name_;
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace trm
