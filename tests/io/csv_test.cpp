#include "io/csv.hpp"
#include "puzzles/question_table.hpp"

#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"

namespace trm::io_csv_test {

using trm::error_text;
using trm::LineSource;
using Record = std::vector<std::string>;

namespace {

std::vector<Record> records(std::string_view text) {
  LineSource source = LineSource::text(text, "t.csv");
  std::vector<Record> all;
  std::string line;
  while (source.next(line)) trm::split_record(line, ',', source, all.emplace_back());
  return all;
}

}  // namespace

TEST_CASE("fields are split as RFC 4180 says") {
  CHECK(records("").empty());
  CHECK(records("a,b\nc,d\n") == std::vector<Record>{{"a", "b"}, {"c", "d"}});
  CHECK(records("a,b\r\nc,d") == std::vector<Record>{{"a", "b"}, {"c", "d"}});
  CHECK(records("a,,\n,\n") == std::vector<Record>{{"a", "", ""}, {"", ""}});
  CHECK(records("\"a,b\",\"c \"\"d\"\"\"\n") == std::vector<Record>{{"a,b", "c \"d\""}});
  CHECK(records("\"two\nlines\",x\n") == std::vector<Record>{{"two\nlines", "x"}});
  CHECK(records("\"\"") == std::vector<Record>{{""}});
}

TEST_CASE("quotes out of place are errors with a place") {
  CHECK(error_text([] { records("a\nb,\"c"); }) ==
        "t.csv: line 2, column 3: the quote is never closed; close it with another \"");
  CHECK(error_text([] { records("\"a\"b"); }).starts_with("t.csv: line 1, column 4: 'b' follows a closing quote"));
  CHECK(error_text([] { records("x\nya\"b\n"); }).starts_with("t.csv: line 2, column 3: a quote inside"));
}

TEST_CASE("a question column is recognised by its name") {
  const auto recognised = [](const char* header) { return trm::question_columns(header).has_value(); };
  CHECK(recognised("question,answer"));
  CHECK(recognised("source,Question,answer,rating"));
  CHECK(recognised("\"puzzle\",\"solution\""));
  CHECK(recognised("quizzes;solutions"));
  CHECK(recognised("id\tpuzzle\tlevel"));
  CHECK_FALSE(recognised(""));
  CHECK_FALSE(recognised("53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"));
  CHECK_FALSE(recognised("questions of all kinds"));
}

TEST_CASE("questions and answers are found by column") {
  LineSource source = LineSource::text("source,question,rating,answer\nx,q1,3,a1\n\nx,\"q\n2\",3,\nx,q3,3\n", "t.csv");
  std::string header;
  REQUIRE(source.next(header));
  const auto columns = trm::question_columns(header);
  REQUIRE(columns);
  const auto first = trm::next_question(*columns, source);
  REQUIRE(first);
  CHECK(first->question == "q1");
  CHECK(first->answer == "a1");
  CHECK(first->line == 2);
  const auto second = trm::next_question(*columns, source);
  REQUIRE(second);
  CHECK(second->question == "q\n2");
  CHECK(second->answer.empty());
  CHECK(second->line == 4);
  CHECK(error_text([&] { (void)trm::next_question(*columns, source); }) ==
        "t.csv: line 6: has 3 fields; the header names 4");
}

}  // namespace trm::io_csv_test
