#include "io/csv.hpp"
#include "puzzles/question_table.hpp"

#include <catch2/catch.hpp>

#include "tests/puzzles/error_text.hpp"

using trm::CsvReader;
using trm::error_text;
using Record = std::vector<std::string>;

namespace {

std::vector<Record> records(std::string_view text) {
  CsvReader reader(text, "t.csv");
  std::vector<Record> all;
  Record fields;
  while (reader.next(fields)) all.push_back(fields);
  return all;
}

}  // namespace

TEST_CASE("fields are split as RFC 4180 says") {
  CHECK(records("").empty());
  CHECK(records("\n\r\n\n").empty());
  CHECK(records("a,b\nc,d\n") == std::vector<Record>{{"a", "b"}, {"c", "d"}});
  CHECK(records("a,b\r\nc,d") == std::vector<Record>{{"a", "b"}, {"c", "d"}});
  CHECK(records("a,,\n,\n") == std::vector<Record>{{"a", "", ""}, {"", ""}});
  CHECK(records("\"a,b\",\"c \"\"d\"\"\"\n") == std::vector<Record>{{"a,b", "c \"d\""}});
  CHECK(records("\"two\nlines\",x\n") == std::vector<Record>{{"two\nlines", "x"}});
  CHECK(records("\"\"") == std::vector<Record>{{""}});
  CHECK(records("a\rb,c\n") == std::vector<Record>{{"a\rb", "c"}});
}

TEST_CASE("records know the line they start in") {
  CsvReader reader("h\n\n\"a\nb\"\nc\n", "t.csv");
  Record fields;
  std::vector<std::size_t> lines;
  while (reader.next(fields)) lines.push_back(reader.line());
  CHECK(lines == std::vector<std::size_t>{1, 3, 5});
}

TEST_CASE("quotes out of place are errors with a place") {
  CHECK(error_text([] { records("a\nb,\"c"); }) ==
        "t.csv: line 2, column 3: the quote is never closed; close it with another \"");
  CHECK(error_text([] { records("\"a\"b"); }).starts_with("t.csv: line 1, column 4: 'b' follows a closing quote"));
  CHECK(error_text([] { records("x\nya\"b\n"); }).starts_with("t.csv: line 2, column 3: a quote inside"));
}

TEST_CASE("a question column is recognised by its name") {
  CHECK(trm::has_question_column("question,answer\n"));
  CHECK(trm::has_question_column("source,Question,answer,rating\r\n1,2,3,4\r\n"));
  CHECK(trm::has_question_column("\"puzzle\",\"solution\"\n"));
  CHECK_FALSE(trm::has_question_column(""));
  CHECK_FALSE(
      trm::has_question_column("53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79\n"));
  CHECK_FALSE(trm::has_question_column("questions\n"));
}

TEST_CASE("questions and answers are found by column") {
  const auto rows = trm::read_questions("source,question,rating,answer\nx,q1,3,a1\n\nx,q2,3,\n", "t.csv");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].question == "q1");
  CHECK(rows[0].answer == "a1");
  CHECK(rows[0].line == 2);
  CHECK(rows[1].question == "q2");
  CHECK(rows[1].answer.empty());
  CHECK(rows[1].line == 4);
  CHECK(error_text([] { (void)trm::read_questions("question,answer\na,b\nc\n", "t.csv"); }) ==
        "t.csv: line 3: has 1 field; the header names 2");
}
