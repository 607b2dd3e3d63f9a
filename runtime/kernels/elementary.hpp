#pragma once
// Elementary functions over the vectors of simd_*.hpp.

namespace trm {
namespace {

// e^x to about one unit in the last place. Arguments below -87 give e^-87 (about 1e-38), not 0:
// nothing here can tell the two apart, and the exponent stays in range.
// Method: x = n ln2 + r, |r| <= ln2/2; e^r by its Taylor polynomial to r^7 / 5040; Cody-Waite in two parts.
template <class S>
[[gnu::always_inline]] inline typename S::Vector exp(typename S::Vector x) {
  x = S::min(S::max(x, S::set(-87.0F)), S::set(88.0F));
  const auto n = S::round(S::mul(x, S::set(1.44269504F)));
  auto r = S::fnma(n, S::set(0.693359375F), x);
  r = S::fnma(n, S::set(-2.12194440e-4F), r);
  auto p = S::set(1.0F / 5040.0F);
  p = S::fma(p, r, S::set(1.0F / 720.0F));
  p = S::fma(p, r, S::set(1.0F / 120.0F));
  p = S::fma(p, r, S::set(1.0F / 24.0F));
  p = S::fma(p, r, S::set(1.0F / 6.0F));
  p = S::fma(p, r, S::set(0.5F));
  p = S::fma(p, r, S::set(1.0F));
  p = S::fma(p, r, S::set(1.0F));
  return S::ldexp(p, n);
}

// x / (1 + e^-x)
template <class S>
[[gnu::always_inline]] inline typename S::Vector silu(typename S::Vector x) {
  const auto e = exp<S>(S::sub(S::zero(), x));
  return S::mul(x, S::reciprocal(S::add(S::set(1.0F), e)));
}

}  // namespace
}  // namespace trm
