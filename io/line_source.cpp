#include "io/line_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/error.hpp"
#include "io/io_error.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

constexpr std::size_t longest_line = 16 << 20;  // bytes
constexpr int wait_ms = 100;                    // between two looks at `interrupted`

// Has the file something to read, or come to its end?
bool readable(int file, int timeout_ms) {
  pollfd request{.fd = file, .events = POLLIN, .revents = 0};
  return poll(&request, 1, timeout_ms) > 0;
}

}  // namespace

struct LineSource::State {
  std::string name;
  int file = -1;  // none: the text is in memory
  std::function<bool()> stop{};
  std::string_view chunk{};  // read and not given yet
  std::array<char, 1 << 16> buffer{};
  std::size_t number = 0;
  bool after_return = false;  // the last line ended in "\r": a "\n" behind it belongs to it
  bool interrupted = false;

  State(std::string text_name, int descriptor) : name(std::move(text_name)), file(descriptor) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (file > STDIN_FILENO) close(file);
  }

  // The next chunk; false at the end. poll() comes first: a signal ends it even where read() would go on.
  bool fill() {
    while (file >= 0) {
      interrupted = stop && stop();
      if (interrupted) return false;
      if (!readable(file, wait_ms)) continue;
      const ssize_t got = read(file, buffer.data(), buffer.size());
      if (got >= 0) {
        chunk = {buffer.data(), static_cast<std::size_t>(got)};
        return got > 0;
      }
      if (errno != EINTR && errno != EAGAIN) throw io_error(name, "cannot read", errno);
    }
    return false;
  }
};

LineSource::LineSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineSource::LineSource(LineSource&&) noexcept = default;
LineSource& LineSource::operator=(LineSource&&) noexcept = default;
LineSource::~LineSource() = default;

LineSource LineSource::open(const std::string& path, std::function<bool()> interrupted) {
  // O_NONBLOCK: opening a FIFO that nobody writes to does not wait where no signal could end it.
  const int file = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) throw io_error(path, "cannot open", errno);
  auto state = std::make_unique<State>(text_name(path), file);
  state->stop = std::move(interrupted);
  return LineSource(std::move(state));
}

LineSource LineSource::text(std::string_view text, std::string name) {
  auto state = std::make_unique<State>(std::move(name), -1);
  state->chunk = text;
  return LineSource(std::move(state));
}

bool LineSource::next(std::string& line) {
  State& state = *state_;
  line.clear();
  bool complete = false;
  while (!complete) {
    if (state.chunk.empty() && !state.fill()) break;
    if (std::exchange(state.after_return, false) && state.chunk.front() == '\n') {
      state.chunk.remove_prefix(1);
      continue;
    }
    const std::size_t length = state.chunk.find_first_of("\r\n");
    complete = length != std::string_view::npos;
    line += state.chunk.substr(0, length);
    state.after_return = complete && state.chunk[length] == '\r';
    state.chunk.remove_prefix(complete ? length + 1 : state.chunk.size());
    if (line.size() > longest_line) {
      throw input_error(state.name, "line " + std::to_string(state.number + 1),
                        "has more than " + std::to_string(longest_line) + " bytes", "end a line behind each puzzle");
    }
  }
  if (!complete && (line.empty() || state.interrupted)) return false;
  state.number += 1;
  if (state.number > 1) return true;
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) {
    throw input_error(state.name, "", "is UTF-16", "save it as UTF-8");
  }
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  return true;
}

const std::string& LineSource::name() const {
  return state_->name;
}

std::size_t LineSource::number() const {
  return state_->number;
}

bool LineSource::interrupted() const {
  return state_->interrupted;
}

bool LineSource::ready() const {
  return !state_->chunk.empty() || state_->file < 0 || readable(state_->file, 0);
}

}  // namespace trm
