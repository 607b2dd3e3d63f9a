#pragma once
// The instruction sets of this CPU, which are asked for once, and the threads that the system grants. With arena.cpp
// the only place of the runtime that calls the operating system.

#include <filesystem>
#include <memory>

namespace trm {

struct CpuFeatures {
  bool avx2 = false;         // AVX2 and FMA
  bool avx512 = false;       // AVX-512 F, BW, DQ and VL
  bool avx512_vnni = false;  // vpdpbusd on 512 bits
  bool avx_vnni = false;     // vpdpbusd in VEX encoding, 256 bits

  bool neon = false;          // ARMv8.0: what every AArch64 has
  bool neon_dotprod = false;  // sdot
  bool neon_i8mm = false;     // smmla

  bool wasm_simd = false;  // WebAssembly's fixed-width SIMD

  bool absent = false;  // always false: needed by kernel sets that were not compiled in
};

[[nodiscard]] const CpuFeatures& cpu_features();

// CPUs that this process may use at once: those of its affinity mask, or fewer where its control group has a quota of
// CPU time (containers, services).
[[nodiscard]] int available_threads();

// The quota of this process's control group in CPUs, rounded up, of version 1 or 2; 0: none. `root` is the root of the
// file system, another one in tests.
[[nodiscard]] int quota_cpus(const std::filesystem::path& root = "/");

// The id of this process. A child after a fork has another one.
[[nodiscard]] int process_id();

// While it lives, threads that the calling thread starts receive no signals: signals belong to the threads of the host
// program.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  struct Mask;
  std::unique_ptr<Mask> before_;
};

}  // namespace trm
