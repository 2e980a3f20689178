/// A process: what it does between two moments at which it can be killed, stopped, or overtaken.
protocol SimulatedProcess: AnyObject {
  var number: Int { get }
  var pausedUntil: Int { get set }
  /// Goes on to the next such moment; `false` at the end.
  func advance(_ world: SimulatedWorld) -> Bool
}
