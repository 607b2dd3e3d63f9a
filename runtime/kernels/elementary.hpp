#pragma once
// Elementary functions over the vectors of simd_*.hpp.

namespace trm {
namespace {

// e^x to two units in the last place, for x <= 88. Arguments below -87 give e^-87 (about 1e-38), not 0: no
// result here shows the difference, and the exponent stays in range. NaN gives NaN. Method: x = n ln2 + r, |r| <=
// ln2/2, n by adding and subtracting 1.5 2^23, r in two parts (Cody-Waite); e^r by the minimax polynomial 1 + r + ... +
// r^6 (relative error 3.8e-9); 2^n by the exponent's bits.
template <class S>
[[gnu::always_inline]] inline typename S::Vector exp(typename S::Vector x) {
  const auto rounding = S::set(12582912.0F);  // 1.5 2^23: the sum's unit is 1
  x = S::max(S::set(-87.0F), x);
  const auto shifted = S::fma(x, S::set(1.44269504F), rounding);
  const auto n = S::sub(shifted, rounding);
  auto r = S::fnma(n, S::set(0.693359375F), x);
  r = S::fnma(n, S::set(-2.12194440e-4F), r);
  auto p = S::set(0.00138145988F);
  p = S::fma(p, r, S::set(0.00836871658F));
  p = S::fma(p, r, S::set(0.041668389F));
  p = S::fma(p, r, S::set(0.166665211F));
  p = S::fma(p, r, S::set(0.49999994F));
  p = S::fma(p, r, S::set(1.0F));
  p = S::fma(p, r, S::set(1.0F));
  return S::ldexp(p, shifted);
}

// 2^t with a relative error of 1.1e-4, for t <= 127, exact for whole t. For numbers that are then rounded to seven
// bits, an error fifty times as large. Below -126 it gives 2^-126 or less; NaN gives NaN. The minimax polynomial of
// degree 3 over a fraction in [0, 1), among those that are exact at both ends.
template <class S>
[[gnu::always_inline]] inline typename S::Vector exp2_coarse(typename S::Vector t) {
  const auto r = S::fraction(t);
  auto p = S::set(0.07826797F);
  p = S::fma(p, r, S::set(0.22630768F));
  p = S::fma(p, r, S::set(0.69542432F));
  p = S::fma(p, r, S::set(1.0F));
  return S::times_power(p, t);
}

// 1 / (1 + e^-x)
template <class S>
[[gnu::always_inline]] inline typename S::Vector sigmoid(typename S::Vector x) {
  const auto e = exp<S>(S::min(S::set(88.0F), S::sub(S::zero(), x)));
  return S::reciprocal(S::add(S::set(1.0F), e));
}

// x / (1 + e^-x)
template <class S>
[[gnu::always_inline]] inline typename S::Vector silu(typename S::Vector x) {
  return S::mul(x, sigmoid<S>(x));
}

// The same with a relative error of 1.1e-4.
template <class S>
[[gnu::always_inline]] inline typename S::Vector silu_coarse(typename S::Vector x) {
  const auto e = exp2_coarse<S>(S::min(S::set(126.0F), S::mul(x, S::set(-1.44269504F))));
  return S::mul(x, S::reciprocal(S::add(S::set(1.0F), e)));
}

// log(1 + e^x) with a relative error of 1e-6: max(x, 0) + log(1 + t), t = e^-|x|, and log(1 + t) = 2 atanh(t / (2 +
// t)), whose argument is at most 1/3: there 2 atanh(r) / r is a minimax polynomial of degree 4 in r^2 (4e-9).
template <class S>
[[gnu::always_inline]] inline typename S::Vector softplus(typename S::Vector x) {
  const auto t = exp<S>(S::min(x, S::sub(S::zero(), x)));
  const auto r = S::mul(t, S::reciprocal(S::add(S::set(2.0F), t)));
  const auto squared = S::mul(r, r);
  auto p = S::set(0.28178335F);
  p = S::fma(p, squared, S::set(0.27960603F));
  p = S::fma(p, squared, S::set(0.4002491F));
  p = S::fma(p, squared, S::set(0.66666315F));
  p = S::fma(p, squared, S::set(2.0F));
  return S::fma(p, r, S::max(S::zero(), x));
}

}  // namespace
}  // namespace trm
