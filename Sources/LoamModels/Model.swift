import LoamTensor

/// A model: from pooled embeddings and dense features to logits.
///
/// A model owns its dense parameters; embedding rows belong to the trainer, which gathers and pools them into
/// `ModelInputs`, and reads their gradients back from the tape. Lanes may call `forward` at once, each with its tape.
/// Results depend on the inputs, the seed and the step alone.
public protocol Model: AnyObject, Sendable {
  /// As a config names it.
  static var name: String { get }
  /// Which columns of the embedding table the model reads.
  static var needs: ModelNeeds { get }
  associatedtype Settings: ModelSettings

  init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError)

  /// The options in force, defaults included.
  var options: ModelOptions { get }
  /// Dense tensors that are trained, by name, always in the same order.
  var parameters: [Parameter] { get }
  /// Dense tensors that are kept but not trained: batch norm's running statistics.
  var buffers: [(name: String, tensor: Tensor)] { get }

  /// Logits `[batch, outputs]`. `step` counts from one; outside of training it is not read.
  func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput
}

extension Model {
  public var needs: ModelNeeds { Self.needs }
  public static var optionNames: [String] { Settings.keys }

  /// Options checked, with the defaults of those that are not given.
  public static func completed(_ options: ModelOptions) throws(ModelError) -> ModelOptions {
    ModelOptions(try options.decode(Settings.self, of: name))
  }
}

/// The columns of the embedding table that a model reads: `vector` `[dimension]` and `weight` `[1]` of each ID.
public struct ModelNeeds: Sendable, Equatable {
  public var vectors: Bool
  /// The first-order term of an ID.
  public var weights: Bool
  /// Fields of shape `sequence` come event by event (`ModelInputs.sequences`); otherwise they are pooled like others.
  public var sequences: Bool
  /// Types and ages of a sequence's events (`SequenceInput.actions`, `.ages`).
  public var events: Bool
  /// How frequent the IDs of a sequence's events are (`SequenceInput.frequencies`), while training.
  public var frequencies: Bool

  public init(
    vectors: Bool, weights: Bool, sequences: Bool = false, events: Bool = false, frequencies: Bool = false
  ) {
    self.vectors = vectors
    self.weights = weights
    self.sequences = sequences
    self.events = events
    self.frequencies = frequencies
  }
}
