#include "bench/onednn.hpp"

#include <dnnl.hpp>
#include <memory>

namespace trm {
namespace {

using dnnl::memory;

struct Product {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  dnnl::matmul primitive;
  memory a, w, out;
};

dnnl::matmul::primitive_desc describe(const dnnl::engine& engine, const memory::desc& a, const memory::desc& w,
                                      const memory::desc& out) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, a, w, out};
#else
  return {dnnl::matmul::desc(a, w, out), engine};
#endif
}

std::function<void()> product(const ProductShape& s, memory::data_type type_a, memory::data_type type_w,
                              memory::data_type type_out, const void* a, const void* w, void* out) {
  auto p = std::make_shared<Product>();
  const memory::desc a_desc({s.m, s.k}, type_a, memory::format_tag::ab);
  const memory::desc any_desc({s.k, s.n}, type_w, memory::format_tag::any);
  const memory::desc w_desc({s.k, s.n}, type_w, memory::format_tag::ba);  // [N, K] row by row
  const memory::desc out_desc({s.m, s.n}, type_out, memory::format_tag::ab);
  const auto chosen = describe(p->engine, a_desc, any_desc, out_desc);
  memory plain(w_desc, p->engine, const_cast<void*>(w));
  p->w = memory(chosen.weights_desc(), p->engine);
  dnnl::reorder(plain, p->w).execute(p->stream, plain, p->w);
  p->stream.wait();
  p->a = memory(a_desc, p->engine, const_cast<void*>(a));
  p->out = memory(out_desc, p->engine, out);
  p->primitive = dnnl::matmul(chosen);
  return [p] {
    p->primitive.execute(p->stream, {{DNNL_ARG_SRC, p->a}, {DNNL_ARG_WEIGHTS, p->w}, {DNNL_ARG_DST, p->out}});
    p->stream.wait();
  };
}

}  // namespace

std::function<void()> onednn_f32(const ProductShape& shape, const float* a, const float* w, float* out) {
  constexpr auto f32 = memory::data_type::f32;
  return product(shape, f32, f32, f32, a, w, out);
}

std::function<void()> onednn_u8s8s32(const ProductShape& shape, const std::uint8_t* a, const std::int8_t* w,
                                     std::int32_t* out) {
  return product(shape, memory::data_type::u8, memory::data_type::s8, memory::data_type::s32, a, w, out);
}

std::string onednn_version() {
  const auto* v = dnnl::version();
  return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

}  // namespace trm
