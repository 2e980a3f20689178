/// A value on a tape: a place in its list of operations. It belongs to the tape's current step.
public struct Variable: Sendable {
  package let index: Int
  public let shape: Shape
}
