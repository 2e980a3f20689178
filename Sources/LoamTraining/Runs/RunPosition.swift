/// Where a run stands: with the rows and tensors of the same version it is all that going on needs.
///
/// Holds nothing that differs between an interrupted and an undisturbed run: no times, no version numbers.
struct RunPosition: Codable, Equatable {
  /// A log as the run began with it.
  struct Log: Codable, Equatable {
    var name: String
    var root: String
    var rows: UInt64
  }
  /// What an epoch ended with, by `LOG/METRIC`.
  struct Epoch: Codable, Equatable {
    var loss: Double
    var metrics: [String: Double]
  }
  var logs: [Log]
  /// Frozen tables that rows begin with; absent where there are none.
  var frozen: [Log]?
  /// Epochs done.
  var epoch = 0
  /// Steps done of the epoch that is under way.
  var stepOfEpoch = 0
  /// Steps done in all.
  var step: UInt64 = 0
  /// Sums over the epoch that is under way.
  var lossSum = 0.0
  var rowSum = 0
  /// What both rates are multiplied with.
  var rateScale = 1.0
  var best: Double?
  var bestEpoch = 0
  var epochsWithoutBetter = 0
  var stoppedEarly = false
  var history: [Epoch] = []

  init(logs: [Log], frozen: [Log] = []) { (self.logs, self.frozen) = (logs, frozen.isEmpty ? nil : frozen) }
}
