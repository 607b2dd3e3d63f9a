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

// Calls a function at the end of its scope.
template <class Function>
class AtEnd {
 public:
  explicit AtEnd(Function function) : function_(function) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { function_(); }

 private:
  Function function_;
};

template <auto Kernel, Name name>
struct Clocked;
template <class Result, class... Arguments, Result (*KernelSet::*Kernel)(Arguments...), Name name>
struct Clocked<Kernel, name> {
  static constexpr auto kernel = Kernel;
  static Result call(Arguments... arguments) {
    KernelLedger::Impl& ledger = *current;
    const Stopwatch watch;
    const AtEnd charge([&] {
      const double seconds = watch.seconds();
      ledger.charge(ledger.name_of(name.text, arguments...), seconds, macs_of(arguments...));
    });
    return (ledger.inner.*Kernel)(arguments...);
  }
};

template <class... Kernels>
struct KernelList {
  static constexpr std::size_t size = sizeof...(Kernels);
  static void clock(KernelSet& set) { ((set.*Kernels::kernel = Kernels::call), ...); }
};
using AllKernels = KernelList<
    Clocked<&KernelSet::matmul_f32, "matmul_f32">, Clocked<&KernelSet::matmul_int8, "matmul_int8">,
    Clocked<&KernelSet::matmul_q4, "matmul_q4">, Clocked<&KernelSet::add, "add injections">,
    Clocked<&KernelSet::rms_norm, "rms_norm">, Clocked<&KernelSet::softmax, "softmax">,
    Clocked<&KernelSet::scale_rows, "scale_rows">, Clocked<&KernelSet::rotate, "rotate">,
    Clocked<&KernelSet::transpose, "transpose">, Clocked<&KernelSet::quantize, "quantize">,
    Clocked<&KernelSet::probabilities, "probabilities">, Clocked<&KernelSet::convolve, "convolve">,
    Clocked<&KernelSet::dt_and_decay, "mamba dt_and_decay">, Clocked<&KernelSet::scan, "mamba scan">,
    Clocked<&KernelSet::gated_rms_norm, "mamba gated_rms_norm">, Clocked<&KernelSet::weighted_sum, "weighted_sum">,
    Clocked<&KernelSet::blend, "blend">, Clocked<&KernelSet::residual_scales, "residual_scales">,
    Clocked<&KernelSet::relative_change, "relative_change">, Clocked<&KernelSet::weighted_swiglu, "weighted_swiglu">>;

// Takes the place of a value of any type, to count the fields of an aggregate.
struct AnyValue {
  template <class T>
  operator T() const;  // NOLINT: it is to convert by itself
};
template <class Aggregate, class... Values>
consteval std::size_t field_count() {
  if constexpr (requires { Aggregate{Values{}..., AnyValue{}}; }) {
    return field_count<Aggregate, Values..., AnyValue>();
  } else {
    return sizeof...(Values);
  }
}
constexpr std::size_t properties = 8;          // fields of KernelSet from `name` to `sums_in_int16`
constexpr std::size_t kernels_of_loading = 1;  // `prepare`, which no step calls
static_assert(field_count<KernelSet>() == properties + AllKernels::size + kernels_of_loading,
              "a kernel of KernelSet is not clocked: add it to AllKernels");

}  // namespace

KernelLedger::KernelLedger(const KernelSet& kernels)
    : impl_(std::make_unique<Impl>(Impl{.inner = kernels, .clocked = kernels})) {
  AllKernels::clock(impl_->clocked);
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
