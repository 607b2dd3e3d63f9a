#include "arc/report/picture.hpp"

#include <array>
#include <string_view>

namespace trm::arc {
namespace {

// The colours of ARC's own pages.
constexpr std::array<std::uint32_t, colours> palette = {0x000000, 0x0074d9, 0xff4136, 0x2ecc40, 0xffdc00,
                                                        0xaaaaaa, 0xf012be, 0xff851b, 0x7fdbff, 0x870c25};

void add_number(std::string& bytes, std::uint32_t number) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(number >> shift & 0xFFU);
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t sum = 0xFFFFFFFFU;
  for (const char c : bytes) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ (0xEDB88320U & (0U - (sum & 1U)));
  }
  return ~sum;
}

std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1, b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<unsigned char>(c)) % 65521U;
    b = (b + a) % 65521U;
  }
  return b << 16U | a;
}

void add_chunk(std::string& png, const std::string& type, const std::string& data) {
  add_number(png, static_cast<std::uint32_t>(data.size()));
  png += type + data;
  add_number(png, crc32(type + data));
}

// zlib's format without compression: one stored block, for a grid has less than 65536 bytes.
std::string stored(const std::string& bytes) {
  const auto size = static_cast<unsigned>(bytes.size());
  std::string data = {'\x78',
                      '\x01',
                      '\x01',
                      static_cast<char>(size & 0xFFU),
                      static_cast<char>(size >> 8U),
                      static_cast<char>(~size & 0xFFU),
                      static_cast<char>(~size >> 8U & 0xFFU)};
  data += bytes;
  add_number(data, adler32(bytes));
  return data;
}

// A palette image of four bits a pixel.
std::string png_of(const Grid& grid) {
  std::string header, colour_table, rows;
  add_number(header, static_cast<std::uint32_t>(grid.cols));
  add_number(header, static_cast<std::uint32_t>(grid.rows));
  header += std::string{4, 3, 0, 0, 0};
  for (const std::uint32_t colour : palette) {
    for (const unsigned shift : {16U, 8U, 0U}) colour_table += static_cast<char>(colour >> shift & 0xFFU);
  }
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    rows += '\0';  // no filter
    const std::uint8_t* cells = grid.cells.data() + row * grid.cols;
    for (std::int64_t col = 0; col < grid.cols; col += 2) {
      const unsigned left = cells[col], right = col + 1 < grid.cols ? cells[col + 1] : 0U;
      rows += static_cast<char>(left << 4U | right);
    }
  }
  std::string png = "\x89PNG\r\n\x1a\n";
  add_chunk(png, "IHDR", header);
  add_chunk(png, "PLTE", colour_table);
  add_chunk(png, "IDAT", stored(rows));
  add_chunk(png, "IEND", "");
  return png;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      three = three << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (unsigned j = 0; j < 4; ++j) text += i + j <= bytes.size() ? digits[three >> (18 - 6 * j) & 63U] : '=';
  }
  return text;
}

// The wrong cells, row by row: "M2 0.5h3". The page's style draws such a stroke as a dot in each of its cells.
std::string wrong_cells(const Grid& grid, const Grid& truth) {
  std::string path;
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    const auto differs = [&](std::int64_t col) {
      const auto at = static_cast<std::size_t>(row * grid.cols + col);
      return grid.cells[at] != truth.cells[at];
    };
    for (std::int64_t begin = 0; begin < grid.cols; ++begin) {
      if (!differs(begin)) continue;
      std::int64_t end = begin;
      while (end < grid.cols && differs(end)) ++end;
      path += 'M' + std::to_string(begin) + ' ' + std::to_string(row) + ".5h" + std::to_string(end - begin);
      begin = end;
    }
  }
  return path;
}

}  // namespace

std::int64_t differences(const Grid& a, const Grid& b) {
  if (a.rows != b.rows || a.cols != b.cols) return -1;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < a.cells.size(); ++i) count += a.cells[i] == b.cells[i] ? 0 : 1;
  return count;
}

std::string picture(const Grid& grid, const Grid* truth) {
  if (grid.cells.empty()) return "<span class=none>an empty grid</span>";
  const std::string rows = std::to_string(grid.rows), cols = std::to_string(grid.cols);
  const std::string size = " width=" + cols + " height=" + rows;
  std::string svg = "<svg role=img aria-label='" + rows + " x " + cols + "' style=--w:" + cols + " viewBox='0 0 " +
                    cols + ' ' + rows + "'><image" + size + " href=data:image/png;base64," + base64(png_of(grid)) +
                    " /><rect" + size + " />";
  const bool marked = truth != nullptr && differences(grid, *truth) > 0;
  if (marked) svg += "<path d='" + wrong_cells(grid, *truth) + "'/>";
  return svg + "</svg>";
}

}  // namespace trm::arc
