/// How a world runs.
struct SimulatedRules {
  var missing: MissingRule?
  /// Puts may be patches over the block's older content.
  var patches = true
}
