/// One epoch of a run.
public struct EpochReport: Sendable, Equatable {
  /// From one.
  public var epoch: Int
  /// Steps of the run so far.
  public var step: UInt64
  /// Mean loss over the rows of the epoch, each scored before the step that it took part in.
  public var loss: Double
  public var evaluations: [EvaluationReport]
  public var isBest: Bool
  public var version: UInt64
  /// Of training alone; rows of this process.
  public var seconds: Double
  public var samplesPerSecond: Double
}

public struct TrainingReport: Sendable, Equatable {
  public enum End: String, Sendable { case epochsDone = "epochs-done", stoppedEarly = "stopped-early", interrupted }
  public var model: String
  public var end: End
  /// Of this process; earlier ones are in `history`.
  public var epochs: [EpochReport]
  /// Of the whole run, by `LOG/METRIC` and `train/loss`.
  public var history: [[String: Double]]
  /// From one; 0 without validation log.
  public var bestEpoch: Int
  public var best: Double?
  /// The last version published, or the one found done.
  public var version: UInt64
  public var seconds: Double
}

/// What a run tells while it goes on.
public enum TrainingProgress: Sendable {
  /// `epoch`, `step` and `steps` (of the epoch) count from one; a resumed run begins in the middle.
  case began(rows: Int, steps: Int, epochs: Int, resumedAtStep: UInt64)
  case step(epoch: Int, step: Int, steps: Int, loss: Double, samplesPerSecond: Double)
  case evaluating(log: String, rows: Int, of: Int)
  case checkpoint(version: UInt64)
  case epoch(EpochReport)
}
