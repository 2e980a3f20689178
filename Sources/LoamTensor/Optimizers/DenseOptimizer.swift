/// Updates dense parameters from their gradients.
///
/// A step reads every parameter's gradient, updates its value in place and zeroes the gradient. The state is the
/// step count and named tensors: a run that restores both goes on as if it had not stopped. Between steps of the tapes.
public protocol DenseOptimizer: AnyObject {
  var parameters: [Parameter] { get }
  /// Steps done.
  var stepCount: UInt64 { get set }
  /// What is kept between steps, under names derived from the parameters'. To restore, write into the tensors.
  var state: [(name: String, tensor: Tensor)] { get }
  /// Counts a step. `rate` comes with it, so that schedules live with the trainer.
  func beginStep(rate: Float)
  /// The step begun, for some elements of one parameter. Threads may update different elements at once.
  func update(_ parameter: Int, _ elements: Range<Int>)
}

extension DenseOptimizer {
  /// A whole step on this thread.
  public func step(rate: Float) {
    beginStep(rate: rate)
    for (index, parameter) in parameters.enumerated() { update(index, 0..<parameter.value.count) }
  }
}
