// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/ratio.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>

#include "cli/bench/statistics/distribution.h"

namespace tessera::bench {
namespace {

constexpr int kResamples = 4000;
// Below this a bootstrap cannot reach far enough: it never leaves the range of the values.
constexpr size_t kFewestForBootstrap = 8;
constexpr uint64_t kSeed = 0x7e55e7a;

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double ResampledMean(const std::vector<double>& values, std::mt19937_64& random) {
  std::uniform_int_distribution<size_t> pick(0, values.size() - 1);
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) sum += values[pick(random)];
  return sum / static_cast<double>(values.size());
}

// The tail probability at which to read the bootstrap's distribution, so that a small sample's
// interval is as wide as Student's.
double WidenedTail(double confidence, size_t count) {
  const double tail = (1 - confidence) / 2;
  const auto n = static_cast<double>(count);
  const double reach = std::sqrt(n / (n - 1)) * StudentQuantile(tail, n - 1);
  return boost::math::cdf(boost::math::normal(), reach);
}

}  // namespace

double NormalQuantile(double probability) {
  return boost::math::quantile(boost::math::normal(), probability);
}

double StudentQuantile(double probability, double degrees) {
  return boost::math::quantile(boost::math::students_t(degrees), probability);
}

RatioEstimate PairedRatio(const std::vector<std::pair<double, double>>& pairs, double confidence) {
  std::vector<double> logs;
  for (const auto& [first, second] : pairs) {
    if (first > 0 && second > 0) logs.push_back(std::log(first / second));
  }
  RatioEstimate found;
  found.count = logs.size();
  if (logs.empty()) return found;
  found.ratio = found.low = found.high = std::exp(Mean(logs));
  if (logs.size() < 2) return found;
  if (logs.size() < kFewestForBootstrap) {
    const auto n = static_cast<double>(logs.size());
    const double reach =
        StudentQuantile(1 - (1 - confidence) / 2, n - 1) * Describe(logs).deviation / std::sqrt(n);
    found.low = std::exp(Mean(logs) - reach);
    found.high = std::exp(Mean(logs) + reach);
    return found;
  }
  std::mt19937_64 random(kSeed);
  std::vector<double> means(kResamples);
  for (double& mean : means) mean = ResampledMean(logs, random);
  std::sort(means.begin(), means.end());
  const double tail = WidenedTail(confidence, logs.size());
  found.low = std::exp(Percentile(means, tail));
  found.high = std::exp(Percentile(means, 1 - tail));
  return found;
}

RatioEstimate UnpairedRatio(const std::vector<double>& first, const std::vector<double>& second,
                            double confidence) {
  RatioEstimate found;
  found.count = std::min(first.size(), second.size());
  if (found.count == 0 || Mean(second) <= 0) return found;
  found.ratio = found.low = found.high = Mean(first) / Mean(second);
  if (found.count < 2) return found;
  std::mt19937_64 random(kSeed);
  std::vector<double> ratios;
  for (int i = 0; i < kResamples; ++i) {
    const double below = ResampledMean(second, random);
    const double above = ResampledMean(first, random);
    if (below > 0) ratios.push_back(above / below);
  }
  std::sort(ratios.begin(), ratios.end());
  const double tail = WidenedTail(confidence, found.count);
  found.low = Percentile(ratios, tail);
  found.high = Percentile(ratios, 1 - tail);
  return found;
}

}  // namespace tessera::bench
