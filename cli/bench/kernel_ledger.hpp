#pragma once
// Where the time goes: a kernel set that does what another does and clocks every call. Kernels are data, so that the
// engine neither knows nor pays when nobody asks.

#include <memory>
#include <string>
#include <vector>

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/packed_matrix.hpp"

namespace trm {

struct KernelCost {
  std::string name;  // of the kernel; a product's is that of its right-hand side
  std::size_t calls = 0;
  double seconds = 0;
  double macs = 0;  // multiply-accumulates of a product; 0 for other kernels
};

// Clocks the thread that made it: no other may use its kernels, and one ledger at a time.
class KernelLedger {
 public:
  explicit KernelLedger(const KernelSet& kernels);
  KernelLedger(const KernelLedger&) = delete;
  KernelLedger& operator=(const KernelLedger&) = delete;
  ~KernelLedger();

  [[nodiscard]] const KernelSet& kernels() const;  // lives as long as the ledger
  // Products with this right-hand side count under `name`; those with an unnamed one as "attention products".
  void name(const PackedMatrix& b, const std::string& name);
  void clear();                                         // costs, not names
  [[nodiscard]] std::vector<KernelCost> costs() const;  // of what was called, the most expensive first

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace trm
