#include "io/line_source.hpp"

#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/error.hpp"

namespace trm {
namespace {

constexpr std::size_t longest_line = 16 << 20;  // bytes

}  // namespace

struct LineSource::State {
  std::string name;
  std::optional<InputFile> file{};  // absent: the text is in memory
  std::function<bool()> stop{};
  std::string_view chunk{};  // read and not given yet
  std::array<char, 1 << 16> buffer{};
  std::size_t number = 0;
  bool after_return = false;  // the last line ended in "\r": a "\n" behind it belongs to it
  bool interrupted = false;

  explicit State(std::string text_name) : name(std::move(text_name)) {}

  // The next chunk; false at the end.
  bool fill() {
    if (!file) return false;
    const auto got = file->read(std::as_writable_bytes(std::span(buffer)), stop);
    interrupted = !got;
    chunk = {buffer.data(), got.value_or(0)};
    return !chunk.empty();
  }
};

LineSource::LineSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineSource::LineSource(LineSource&&) noexcept = default;
LineSource& LineSource::operator=(LineSource&&) noexcept = default;
LineSource::~LineSource() = default;

LineSource LineSource::open(const std::string& path, std::function<bool()> interrupted) {
  InputFile file = InputFile::open_stream(path);
  auto state = std::make_unique<State>(file.name());
  state->file = std::move(file);
  state->stop = std::move(interrupted);
  return LineSource(std::move(state));
}

LineSource LineSource::text(std::string_view text, std::string name) {
  auto state = std::make_unique<State>(std::move(name));
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
  return !state_->chunk.empty() || !state_->file || state_->file->ready();
}

}  // namespace trm
