// The encoding of char on Windows, for the whole program: UTF-8.
//
// std::filesystem::path takes char for the system's own encoding, as GCC's library converts it by
// codecvt<wchar_t, char>. With the C library of mingw-w64 that widens bytes, and no locale of it is UTF-8 (GCC bug
// 95048, which GCC 13 mends for paths). These are all members of that class that convert: the linker takes them in
// place of the library's.

#include <codecvt>
#include <locale>

namespace std {
namespace {

const codecvt_utf8_utf16<wchar_t>& utf8() {
  static const codecvt_utf8_utf16<wchar_t> facet;
  return facet;
}

}  // namespace

codecvt_base::result codecvt<wchar_t, char, mbstate_t>::do_in(mbstate_t& state, const char* from, const char* from_end,
                                                              const char*& from_next, wchar_t* to, wchar_t* to_end,
                                                              wchar_t*& to_next) const {
  return utf8().in(state, from, from_end, from_next, to, to_end, to_next);
}

codecvt_base::result codecvt<wchar_t, char, mbstate_t>::do_out(mbstate_t& state, const wchar_t* from,
                                                               const wchar_t* from_end, const wchar_t*& from_next,
                                                               char* to, char* to_end, char*& to_next) const {
  return utf8().out(state, from, from_end, from_next, to, to_end, to_next);
}

int codecvt<wchar_t, char, mbstate_t>::do_length(mbstate_t& state, const char* from, const char* end,
                                                 size_t most) const {
  return utf8().length(state, from, end, most);
}

int codecvt<wchar_t, char, mbstate_t>::do_encoding() const throw() {
  return utf8().encoding();
}

int codecvt<wchar_t, char, mbstate_t>::do_max_length() const throw() {
  return utf8().max_length();
}

}  // namespace std
