import Foundation
import LoamSchema

/// How a rate changes over the steps of a run.
///
/// ```
///   rate ┤    ╭──────╮            constant, with a warm-up of `warmupSteps`
///        ┤   ╱        ╲           linear, cosine: down to `final` times the rate after `steps`
///        ┤  ╱          ╰─────
///        └──┴──────────┴──▶ step
/// ```
public struct ScheduleConfig: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable { case constant, linear, cosine }
  public var kind = Kind.constant
  /// The rate rises in equal parts over so many first steps.
  public var warmupSteps = 0
  /// The step at which the rate has come down. `nil`: the last one of all epochs.
  public var steps: Int?
  /// What is left of the rate then.
  public var final = 0.0

  public init() {}

  /// The share of the rate that a step takes.
  ///
  /// - Parameters:
  ///   - step: from one.
  ///   - all: steps of all epochs.
  public func factor(step: UInt64, of all: Int) -> Double {
    if step < warmupSteps { return Double(step) / Double(warmupSteps) }
    let end = steps ?? all
    guard kind != .constant, end > warmupSteps else { return 1 }
    // The last step takes the final rate.
    let way = min(1, (Double(step) - Double(warmupSteps)) / Double(end - warmupSteps))
    let left = kind == .linear ? 1 - way : (1 + cos(.pi * way)) / 2
    return final + (1 - final) * left
  }

  /// Another number of epochs is another schedule.
  var dependsOnEpochs: Bool { kind != .constant && steps == nil }
}

extension ScheduleConfig {
  /// `linear`, or `{kind: linear, warmup_steps: 100}`.
  init(_ value: YAMLValue) throws(SchemaError) {
    if value.isScalar {
      kind = try value.choice(of: Kind.self)
      return
    }
    let mapping = try value.mapping()
    try mapping.refuseUnknownKeys(allowed: ["kind", "warmup_steps", "steps", "final"])
    kind = try mapping.choice("kind", of: Kind.self) ?? kind
    warmupSteps = try mapping.int("warmup_steps", in: 0...1_000_000_000) ?? warmupSteps
    steps = try mapping.int("steps", in: 1...1_000_000_000)
    final = try mapping.double("final", in: 0...1) ?? final
    for key in ["steps", "final"] where kind == .constant && mapping.has(key) {
      throw mapping.refused(key, "means nothing to a constant rate", hint: "Say kind: linear or cosine.")
    }
    if let steps, steps <= warmupSteps { throw mapping.refused("steps", "must be more than warmup_steps") }
  }

  var yaml: String {
    var parts = ["kind: \(kind.rawValue)", "warmup_steps: \(warmupSteps)"]
    if let steps { parts.append("steps: \(steps)") }
    if kind != .constant { parts.append("final: \(final)") }
    return "{\(parts.joined(separator: ", "))}"
  }
}
