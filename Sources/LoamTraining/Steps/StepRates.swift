/// The rates of one step: what the config says, under its schedules and the plateau's scale.
struct StepRates {
  let tables: Double
  let dense: Double

  /// - Parameters:
  ///   - step: from one.
  ///   - all: steps of all epochs.
  ///   - scale: what the plateau multiplies rates with.
  init(_ config: ModelConfig, step: UInt64, of all: Int, scale: Double = 1) {
    func rate(_ rate: Double, _ schedule: ScheduleConfig, _ part: PlateauConfig.Part) -> Double {
      let scheduled = rate * schedule.factor(step: step, of: all)
      guard scale != 1, let plateau = config.rateOnPlateau, plateau.parts.contains(part) else { return scheduled }
      return max(scheduled * scale, min(scheduled, plateau.floor))
    }
    let optimizer = config.optimizer
    tables = rate(optimizer.tables.rate, optimizer.tables.schedule, .tables)
    dense = rate(optimizer.dense.rate, optimizer.dense.schedule, .dense)
  }
}
