// A pass of a network: its bits depend neither on the team nor on earlier passes.

#include "runtime/network.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/runtime/edge_matrix.hpp"

namespace trm::runtime_network_test {
namespace {

constexpr std::int64_t tokens = 97, hidden_size = 48, units = 64;

struct Kind {
  bool mixes_by_mlp;
  bool int8;
};
constexpr Kind kinds[] = {{false, false}, {false, true}, {true, false}, {true, true}};

// A network of two layers with random weights.
struct Built {
  const KernelSet& kernels;
  Network network;
  Arena arena;

  Built(const KernelSet& kernels_, Kind kind)
      : kernels(kernels_), arena(Arena::sized([&](Arena& a) { network = build(a, kernels_, kind); })) {}

 private:
  static PackedMatrix weights(Arena& a, const KernelSet& kernels, Kind kind, Random& random, std::int64_t n,
                              std::int64_t k, PanelOrder order = PanelOrder::plain) {
    if (kind.int8) {
      const EdgeMatrix<std::int8_t> w(n, k);
      w.fill([&](auto, auto) { return random.integer(-127, 127); });
      const std::vector<float> scale(static_cast<std::size_t>(n), 1.0F / (73.0F * std::sqrt(static_cast<float>(k))));
      return pack_int8(kernels, w.read(), scale.data(), order, a);
    }
    const EdgeMatrix<float> w(n, k);
    w.fill([&](auto, auto) { return random() / std::sqrt(static_cast<float>(k)); });
    return pack(kernels, w.read(), order, a);
  }

  static Network build(Arena& a, const KernelSet& kernels, Kind kind) {
    Random random(1);
    Network network;
    network.hidden_size = hidden_size;
    network.attention = {.tokens = tokens, .num_heads = 3, .head_dim = hidden_size / 3};
    network.rotary = rotary_table(tokens, network.attention.head_dim, 10000.0, a);
    const auto swiglu = [&](std::int64_t n) {
      SwigluWeights w;
      w.gate_up = weights(a, kernels, kind, random, 2 * units, n, PanelOrder::gate_up);
      w.down = weights(a, kernels, kind, random, n, units);
      return w;
    };
    for (int l = 0; l < 2; ++l) {
      Layer layer;
      layer.mixes_by_mlp = kind.mixes_by_mlp;
      if (kind.mixes_by_mlp) {
        layer.token_mlp = swiglu(tokens);
      } else {
        layer.qkv = weights(a, kernels, kind, random, 3 * hidden_size, hidden_size);
        layer.o = weights(a, kernels, kind, random, hidden_size, hidden_size);
      }
      layer.mlp = swiglu(hidden_size);
      network.layers.push_back(layer);
    }
    return network;
  }
};

// A sample's mixer state and every member's scratch.
struct Workplace {
  MixerState mixer;
  std::vector<Scratch> scratch;
  Arena arena;

  Workplace(const Built& built, int members)
      : arena(Arena::sized([&](Arena& a) {
          mixer = take_mixer_state(a, built.kernels, built.network);
          scratch.clear();
          const std::array networks = {&built.network};
          for (int m = 0; m < members; ++m) scratch.push_back(take_scratch(a, built.kernels, networks));
        })) {}
};

// The latent after `passes` passes. Its start depends only on `seed`.
std::vector<float> pass(const Built& built, const Workplace& place, int members, std::uint32_t seed, int passes = 2) {
  Random random(seed);
  const EdgeMatrix<float> h(tokens, hidden_size), a(tokens, hidden_size), b(tokens, hidden_size);
  for (const auto* matrix : {&h, &a, &b}) matrix->fill(random);
  const std::vector<MatrixView<const float>> injections = {a.read(), b.read()};
  Team team(members);
  std::vector<std::thread> threads;
  for (int member = 1; member < members; ++member) threads.emplace_back([&team, member] { team.help(member); });
  for (int i = 0; i < passes; ++i) {
    network_pass({team, built.kernels, built.network, place.mixer, place.scratch}, h.view(), injections);
  }
  team.dismiss();
  for (auto& thread : threads) thread.join();
  CHECK(h.outside_is_untouched());
  return {h.data(), h.data() + tokens * hidden_size};
}

// body(built) for every kernel set and kind of network.
template <class Body>
void for_networks(Body&& body) {
  for (const KernelSet* kernels : available_kernel_sets()) {
    for (const Kind kind : kinds) {
      CAPTURE(kernels->name, kind.mixes_by_mlp, kind.int8);
      body(Built(*kernels, kind));
    }
  }
}

TEST_CASE("a pass gives the same bits whatever the team") {
  for_networks([](const Built& built) {
    const auto alone = pass(built, Workplace(built, 1), 1, 7);
    std::int64_t not_finite = 0;
    for (const float x : alone) not_finite += !std::isfinite(x);
    CHECK(not_finite == 0);
    for (const int members : {2, 3}) {
      CAPTURE(members);
      CHECK(pass(built, Workplace(built, members), members, 7) == alone);
    }
  });
}

TEST_CASE("a pass does not depend on the samples before it") {
  for_networks([](const Built& built) {
    const Workplace fresh(built, 2), used(built, 2);
    const auto other = pass(built, used, 2, 8, 3);
    const auto expected = pass(built, fresh, 2, 9);
    CHECK(pass(built, used, 2, 9) == expected);
    CHECK(other != expected);
  });
}

TEST_CASE("a pass ends in rows of mean square one, alike on every kernel set") {
  for (const Kind kind : kinds) {
    CAPTURE(kind.mixes_by_mlp, kind.int8);
    std::vector<float> portable;
    for (const KernelSet* kernels : available_kernel_sets()) {
      CAPTURE(kernels->name);
      const Built built(*kernels, kind);
      const auto result = pass(built, Workplace(built, 1), 1, 10, 1);
      if (portable.empty()) portable = result;
      double worst_row = 0, difference = 0;
      for (std::int64_t t = 0; t < tokens; ++t) {
        double squares = 0;
        for (std::int64_t i = 0; i < hidden_size; ++i) {
          const auto at = static_cast<std::size_t>(t * hidden_size + i);
          const double x = result[at], y = portable[at];
          squares += x * x;
          difference += (x - y) * (x - y);
        }
        worst_row = std::max(worst_row, std::abs(squares / hidden_size - 1.0));
      }
      CHECK(worst_row <= 1e-3);
      // A difference in the last bit of a float may be one unit after the rounding to seven bits.
      CHECK(std::sqrt(difference / static_cast<double>(tokens * hidden_size)) <= (kind.int8 ? 3e-2 : 1e-5));
    }
  }
}

TEST_CASE("a token that is not finite stays visible in its row") {
  for_networks([](const Built& built) {
    const Workplace place(built, 1);
    for (const float bad : {NAN, INFINITY}) {
      Random random(11);
      const EdgeMatrix<float> h(tokens, hidden_size);
      h.fill(random);
      h(40, 5) = bad;
      Team team(1);
      network_pass({team, built.kernels, built.network, place.mixer, place.scratch}, h.view(), {});
      std::int64_t finite = 0;
      for (std::int64_t i = 0; i < hidden_size; ++i) finite += std::isfinite(h(40, i));
      CAPTURE(bad);
      CHECK(finite == 0);
    }
  });
}

TEST_CASE("a trace sees every row of every tensor once, in order, and changes no bit") {
  for_networks([](const Built& built) {
    const Workplace place(built, 1);
    Random random(12);
    const EdgeMatrix<float> h(tokens, hidden_size), traced(tokens, hidden_size);
    h.fill(random);
    traced.fill([&](auto r, auto c) { return h(r, c); });
    std::map<std::string, std::int64_t> rows;
    std::vector<float> output;
    const Trace trace = [&](const std::string& name, MatrixView<const float> part, std::int64_t first) {
      if (first != rows[name]) FAIL(name << ": row " << first << " after " << rows[name]);
      rows[name] += part.rows;
      if (name != "layers.1") return;
      for (std::int64_t r = 0; r < part.rows; ++r) output.insert(output.end(), part.row(r), part.row(r) + part.cols);
    };
    Team team(1);
    network_pass({team, built.kernels, built.network, place.mixer, place.scratch}, h.view(), {});
    network_pass({team, built.kernels, built.network, place.mixer, place.scratch, &trace}, traced.view(), {});
    CHECK(std::equal(h.data(), h.data() + tokens * hidden_size, traced.data()));
    CHECK(std::equal(output.begin(), output.end(), h.data(), h.data() + tokens * hidden_size));
    const bool by_mlp = built.network.layers[0].mixes_by_mlp;
    CHECK(rows.size() == 2 * (by_mlp ? 5 : 6));
    for (const auto& [name, count] : rows) {
      CAPTURE(name);
      CHECK(count == (name.find("mlp_t") != std::string::npos ? hidden_size : tokens));
    }
  });
}

}  // namespace
}  // namespace trm::runtime_network_test
