import Foundation

/// The share of the rate that a row takes by how often training has seen it: frequency-adaptive learning rates (FAL).
///
/// ```
///   log      ln(F + 1) / ln(max F + 1)        F: occurrences up to and including this step
///   linear   F / max F                        max F: of the table's rows, this step included
/// ```
///
/// Source: arXiv 2505.05605 (the formula as reported; the full paper was not to be had). Ours: the maximum is taken over
/// one table, occurrences are counted before rates are computed, so that a new row has F = 1, and the rows of missing and
/// unknown IDs, which may be seen more often than any ID, neither raise the maximum nor exceed the whole rate. The factor
/// scales the rate, not the gradient, to which Adam is blind.
struct FrequencyRates {
  let kind: TableOptimizerConfig.FrequencyRate
  private let whole: Double

  init(_ kind: TableOptimizerConfig.FrequencyRate, most: UInt64) {
    self.kind = kind
    whole = kind == .log ? log(Double(most) + 1) : Double(most)
  }

  func factor(_ count: UInt64) -> Float {
    let part = kind == .log ? log(Double(count) + 1) : Double(count)
    return whole > 0 ? Float(min(1, part / whole)) : 1
  }
}
