// Which rows of the id table come into the model file, with which names.

#include "convert/convert.hpp"
#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"
#include "tests/catch.hpp"
#include "tests/convert/small_checkpoint.hpp"
#include "tests/puzzles/error_text.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::convert_puzzle_rows_test {
namespace {

using Catch::Contains;

constexpr const char* identifiers = R"(["<blank>", "00576224", "00576224|||t1|||0123456789", "7bb29440",
                                        "7bb29440|||t4|||0987654321", "27782503"])";

// Converts the small model with `ids` and describes the rows of the result as "id name, ...".
struct Table {
  TemporaryDirectory folder;
  ConvertOptions options;
  std::vector<std::string> remarks;

  Table() {
    const auto h = small_model(false, PositionEncoding::rope);
    write_safetensors(folder / "step_7", tensors_of(h));
    put_text(folder / "all_config.yaml", config_of(h));
    put_text(folder / "identifiers.json", identifiers);
    options.checkpoint = folder / "step_7";
    options.output = folder / "model.gguf";
    options.seq_len = 8;
    options.remark = [this](const std::string& remark) { remarks.push_back(remark); };
  }
  std::string rows(const std::string& ids) {
    options.ids = ids;
    remarks.clear();
    const auto result = convert(options);
    const auto file = gguf::File::open(options.output);
    verify_whole(file);
    const PuzzleTable table(file);
    CHECK(table.rows() == result.rows);
    std::string text;
    std::array<float, 4> row{};
    for (std::int64_t r = 0; r < table.rows(); ++r) {
      const std::int64_t id = table.id_of(r);
      table.read(r, row);
      for (std::size_t i = 0; i < row.size(); ++i) {
        CHECK(row[i] == (static_cast<float>(4 * id) + static_cast<float>(i)) / 8);  // as the checkpoint has it
      }
      CHECK(table.row_of(id) == r);
      if (table.named()) CHECK(table.find(table.name_of(r)) == id);
      text += (r > 0 ? ", " : "") + std::to_string(id) + (table.named() ? " " + std::string(table.name_of(r)) : "");
    }
    return text;
  }
  std::string refusal(const std::string& ids, ErrorKind kind = ErrorKind::usage) {
    options.ids = ids;
    return error_text([&] { convert(options); }, kind);
  }
};

constexpr const char* all_rows =
    "0 <blank>, 1 00576224, 2 00576224|||t1|||0123456789, 3 7bb29440, 4 7bb29440|||t4|||0987654321, 5 27782503";

}  // namespace

TEST_CASE("all rows, none, or some by id and name") {
  Table table;
  CHECK(table.rows("all") == all_rows);
  CHECK(table.rows("none").empty());
  CHECK(table.rows("0,1,2") == "0 <blank>, 1 00576224, 2 00576224|||t1|||0123456789");
  CHECK(table.rows("5, 3 ,3") == "3 7bb29440, 5 27782503");
  // Digits alone: a name when it starts with 0 or is no row's number.
  CHECK(table.rows("00576224,27782503") == "1 00576224, 5 27782503");
  CHECK(table.rows("7bb29440|||t4|||0987654321,0") == "0 <blank>, 4 7bb29440|||t4|||0987654321");
}

TEST_CASE("rows from a file of names, a list, or a challenges file") {
  Table table;
  put_text(table.folder / "names.txt", "7bb29440\r\n\n  2\n<blank>\n");
  CHECK(table.rows("@" + (table.folder / "names.txt").string()) ==
        "0 <blank>, 2 00576224|||t1|||0123456789, 3 7bb29440");
  put_text(table.folder / "names.json", R"([ "27782503" ])");
  CHECK(table.rows("@" + (table.folder / "names.json").string()) == "5 27782503");
  // A task brings all its augmentations; nothing else in the file counts as a task.
  put_text(table.folder / "c.json", R"({"7bb29440": {"train": [{"input": [[1]], "00576224": 1}]}, "unknown0": []})");
  CHECK(table.rows("@" + (table.folder / "c.json").string()) == "3 7bb29440, 4 7bb29440|||t4|||0987654321");
  REQUIRE(table.remarks.size() == 1);
  CHECK_THAT(table.remarks[0], Contains("1 tasks of") && Contains("no row"));
}

TEST_CASE("a task brings the augmentations that HRM's builder names with underscores") {
  Table table;
  put_text(table.folder / "identifiers.json",
           R"(["<blank>", "a", "a_t3_0987654321", "a_t6_0213456789", "a_t9_0213456789", "a_t3_0987654312"])");
  put_text(table.folder / "c.json", R"({"a": {}})");
  const std::string choice = "@" + (table.folder / "c.json").string();
  CHECK(table.rows(choice) == "1 a, 2 a_t3_0987654321, 3 a_t6_0213456789, 5 a_t3_0987654312");
  // A task whose own name has the form of an augmentation is not one of "a".
  put_text(table.folder / "c.json", R"({"a": {}, "a_t3_0987654321": {}})");
  CHECK(table.rows(choice) == "1 a, 2 a_t3_0987654321, 3 a_t6_0213456789, 5 a_t3_0987654312");
  CHECK(table.remarks.empty());
  put_text(table.folder / "c.json", R"({"a_t3_0987654321": {}})");
  CHECK(table.rows(choice) == "2 a_t3_0987654321");
}

TEST_CASE("a choice that names nothing or something unknown is refused") {
  Table table;
  for (const auto* ids : {"", ",", " , "}) CHECK_THAT(table.refusal(ids), Contains("names no row"));
  CHECK_THAT(table.refusal("6"), Contains("no row for 6"));
  CHECK_THAT(table.refusal("0,nonsense,7bb29440"), Contains("no row for nonsense"));
  CHECK_THAT(table.refusal("-1"), Contains("no row for -1"));
  put_text(table.folder / "c.json", R"({"unknown0": {}, "unknown1": {}})");
  CHECK_THAT(table.refusal("@" + (table.folder / "c.json").string()), Contains("any task"));
  put_text(table.folder / "c.json", R"({"unknown0": )");
  CHECK_THAT(table.refusal("@" + (table.folder / "c.json").string(), ErrorKind::input), Contains("not JSON from byte"));
  CHECK_THAT(table.refusal("@" + (table.folder / "missing").string(), ErrorKind::io), Contains("missing"));
}

TEST_CASE("names that do not belong to the table are refused") {
  Table table;
  for (const auto* text : {"", "{}", R"(["a", "b"])", R"(["a", 1, "c"])", R"(["a", ["b"], "c"])", R"("a")", R"(["a")",
                           R"(["0", "1", "2", "3", "4", "5", "6"])"}) {
    INFO(text);
    put_text(table.folder / "identifiers.json", text);
    CHECK_THAT(table.refusal("all", ErrorKind::input), Contains("identifiers.json"));
  }
  put_text(table.folder / "identifiers.json", std::string(1000000, '['));
  CHECK_THAT(table.refusal("all", ErrorKind::input), Contains("identifiers.json"));
}

TEST_CASE("without identifiers.json rows have no names, and picking by name is refused") {
  Table table;
  std::filesystem::remove(table.folder / "identifiers.json");
  CHECK(table.rows("all") == "0, 1, 2, 3, 4, 5");
  REQUIRE(table.remarks.size() == 1);
  CHECK_THAT(table.remarks[0], Contains("no identifiers.json"));
  CHECK(table.rows("4,1") == "1, 4");
  CHECK_THAT(table.refusal("00576224"), Contains("identifiers.json"));
}

TEST_CASE("identifiers.json is found in the data set") {
  Table table;
  std::filesystem::create_directories(table.folder / "data" / std::string("test"));
  std::filesystem::rename(table.folder / "identifiers.json", table.folder.path() / "data" / "identifiers.json");
  put_text(table.folder.path() / "data" / "test" / "dataset.json", R"({"seq_len": 8})");
  table.options.dataset = table.folder / "data";
  CHECK(table.rows("all") == all_rows);
  table.options.dataset = table.folder.path() / "data" / "test" / "dataset.json";
  CHECK(table.rows("all") == all_rows);
}

}  // namespace trm::convert_puzzle_rows_test
