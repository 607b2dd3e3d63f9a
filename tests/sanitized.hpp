#pragma once
// TRM_SANITIZED, 0 or 1: is this built with the address or the thread sanitizer? A macro, because what it decides may
// be whether a function exists.

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRM_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TRM_SANITIZED 1
#endif
#endif
#if !defined(TRM_SANITIZED)
#define TRM_SANITIZED 0
#endif
