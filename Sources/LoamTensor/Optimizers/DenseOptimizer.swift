/// Updates dense parameters from their gradients.
///
/// A step reads every parameter's gradient, updates its value in place and zeroes the gradient. The state is the
/// step count and named tensors: a run that restores both goes on as if it had not stopped. One thread, between steps.
public protocol DenseOptimizer: AnyObject {
  var parameters: [Parameter] { get }
  /// Steps done.
  var stepCount: UInt64 { get set }
  /// What is kept between steps, under names derived from the parameters'. To restore, write into the tensors.
  var state: [(name: String, tensor: Tensor)] { get }
  /// `rate` comes with the step, so that schedules live with the trainer.
  func step(rate: Float)
}
