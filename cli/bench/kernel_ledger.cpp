#include "cli/bench/kernel_ledger.hpp"

#include <algorithm>
#include <map>

#include "cli/cost.hpp"

namespace trm {

struct KernelLedger::Impl {
  const KernelSet& inner;
  KernelSet clocked;
  std::map<std::string, KernelCost> costs{};
  std::map<const PackedMatrix*, std::string> names{};

  void charge(const std::string& name, double seconds, double macs) {
    KernelCost& cost = costs[name];
    cost.calls += 1;
    cost.seconds += seconds;
    cost.macs += macs;
  }

  // A product is known by its right-hand side, any other kernel by its own name.
  template <class LeftHandSide>
  [[nodiscard]] std::string name_of(const char*, const LeftHandSide&, const MatmulTask& task) const {
    const auto found = names.find(task.b);
    return found == names.end() ? "attention products" : found->second;
  }
  template <class... Arguments>
  [[nodiscard]] std::string name_of(const char* kernel, const Arguments&...) const {
    return kernel;
  }
};

namespace {

// A kernel is a plain function without a context: this is where the clocked ones find their ledger.
thread_local KernelLedger::Impl* current = nullptr;

// Multiply-accumulates of a product; any other kernel has none.
template <class LeftHandSide>
double macs_of(const LeftHandSide& a, const MatmulTask& task) {
  return static_cast<double>(a.rows * task.b->n * task.b->k);
}
template <class... Arguments>
double macs_of(const Arguments&...) {
  return 0;
}

// The kernel's name as a template argument.
template <std::size_t N>
struct Name {
  char text[N];
  constexpr Name(const char (&name)[N]) { std::copy_n(name, N, text); }  // NOLINT: a name is its text
};

template <auto Kernel, Name name>
struct Clocked;
template <class... Arguments, void (*KernelSet::*Kernel)(Arguments...), Name name>
struct Clocked<Kernel, name> {
  static void call(Arguments... arguments) {
    KernelLedger::Impl& ledger = *current;
    const Stopwatch watch;
    (ledger.inner.*Kernel)(arguments...);
    const double seconds = watch.seconds();
    ledger.charge(ledger.name_of(name.text, arguments...), seconds, macs_of(arguments...));
  }
};

template <auto Kernel, Name name>
void clock_kernel(KernelSet& set) {
  set.*Kernel = Clocked<Kernel, name>::call;
}

}  // namespace

KernelLedger::KernelLedger(const KernelSet& kernels)
    : impl_(std::make_unique<Impl>(Impl{.inner = kernels, .clocked = kernels})) {
  KernelSet& set = impl_->clocked;
  clock_kernel<&KernelSet::matmul_f32, "matmul_f32">(set);
  clock_kernel<&KernelSet::matmul_int8, "matmul_int8">(set);
  clock_kernel<&KernelSet::matmul_q4, "matmul_q4">(set);
  clock_kernel<&KernelSet::add, "add injections">(set);
  clock_kernel<&KernelSet::rms_norm, "rms_norm">(set);
  clock_kernel<&KernelSet::softmax, "softmax">(set);
  clock_kernel<&KernelSet::scale_rows, "scale_rows">(set);
  clock_kernel<&KernelSet::rotate, "rotate">(set);
  clock_kernel<&KernelSet::transpose, "transpose">(set);
  clock_kernel<&KernelSet::quantize, "quantize">(set);
  clock_kernel<&KernelSet::probabilities, "probabilities">(set);
  clock_kernel<&KernelSet::convolve, "convolve">(set);
  clock_kernel<&KernelSet::dt_and_decay, "mamba dt_and_decay">(set);
  clock_kernel<&KernelSet::scan, "mamba scan">(set);
  clock_kernel<&KernelSet::gated_rms_norm, "mamba gated_rms_norm">(set);
  current = impl_.get();
}

KernelLedger::~KernelLedger() {
  current = nullptr;
}

const KernelSet& KernelLedger::kernels() const {
  return impl_->clocked;
}

void KernelLedger::name(const PackedMatrix& b, const std::string& name) {
  impl_->names[&b] = name;
}

void KernelLedger::clear() {
  impl_->costs.clear();
}

std::vector<KernelCost> KernelLedger::costs() const {
  std::vector<KernelCost> list;
  for (const auto& [name, cost] : impl_->costs) list.push_back({name, cost.calls, cost.seconds, cost.macs});
  std::ranges::sort(list, std::greater{}, &KernelCost::seconds);
  return list;
}

}  // namespace trm
