#pragma once
// How functions of the module answer JavaScript: a JSON text that the caller frees, {"value": ...} or {"error": ...}.

#include <new>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.hpp"

#define TRM_EXPORT(name) extern "C" [[clang::export_name(#name)]]

namespace trm::wasm {

using Json = nlohmann::json;

// Ends with a NUL; freed with release().
[[nodiscard]] inline char* text_for_caller(const Json& reply) {
  const std::string text = reply.dump(-1, ' ', false, Json::error_handler_t::replace);
  char* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

[[nodiscard]] inline Json error_reply(const char* kind, const ErrorParts& parts) {
  return {{"error",
           {{"kind", kind},
            {"message", to_text(parts)},
            {"file", parts.file},
            {"place", parts.place},
            {"what", parts.what},
            {"remedy", parts.remedy}}}};
}

// Parts of an error, with the option of JavaScript's that changes the outcome.
[[nodiscard]] inline ErrorParts parts_of(const Error& error) {
  return with_settings(error, [](std::string_view setting) { return setting == "noise_latent" ? "noiseLatent" : ""; });
}

// The value of `body`, or what it threw.
template <class Body>
[[nodiscard]] char* reply(const Body& body) {
  Json answer;
  try {
    answer = {{"value", body()}};
  } catch (const Error& error) {
    const char* kinds[] = {"work", "usage", "input", "io"};
    answer = error_reply(kinds[static_cast<int>(error.kind())], parts_of(error));
  } catch (const std::bad_alloc&) {
    answer = error_reply("memory", {.file = {}, .place = {}, .what = "there is not enough memory", .remedy = {}});
  } catch (const std::exception& error) {
    answer = error_reply("work", {.file = {}, .place = {}, .what = error.what(), .remedy = {}});
  }
  return text_for_caller(answer);
}

// Objects that JavaScript holds are numbers there.
template <class T>
[[nodiscard]] std::uintptr_t handle(T* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

}  // namespace trm::wasm
