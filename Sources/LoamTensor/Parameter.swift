/// A dense tensor that is trained, addressed by name (`mlp.0.weight`).
///
/// Tapes read `value` during a step and add to `gradient` after it; the optimizer, between steps, updates the one and
/// zeroes the other.
public final class Parameter: Sendable {
  public let name: String
  public let value: Tensor
  public let gradient: Tensor

  public init(_ name: String, _ value: Tensor) {
    self.name = name
    self.value = value
    self.gradient = Tensor(value.shape)
  }
}
