import LoamTensor

/// One batch, or one lane's rows of it, on a tape.
public struct ModelInputs: Sendable {
  /// `[batch, fields, dimension]`, pooled over the values of a field.
  public var vectors: Variable?
  /// `[batch, fields]`, pooled likewise, or `[batch, 1]`: their sum over the fields.
  public var weights: Variable?
  /// `[batch, dense]`
  public var dense: Variable?
  /// In the order of `ModelShape.sequences`.
  public var sequences: [SequenceInput]

  public init(
    vectors: Variable? = nil, weights: Variable? = nil, dense: Variable? = nil, sequences: [SequenceInput] = []
  ) {
    self.vectors = vectors
    self.weights = weights
    self.dense = dense
    self.sequences = sequences
  }
}

/// One sequence of each row, oldest event first; shorter ones end at the last place, with padding in front.
///
/// ```
/// length 5, three events:    vectors  0 0 a b c      mask  0 0 1 1 1
/// ```
public struct SequenceInput: Sendable {
  /// `[batch, length, dimension]`; zero at padding.
  public var vectors: Variable
  /// `[batch, length]`: 1 at events, 0 at padding.
  public var mask: Tensor
  /// `[batch, length]`: which of the batch's distinct IDs an event has, as a whole number; equal numbers are equal IDs.
  /// Not read at padding. Models that predict the next event while training need it.
  public var codes: Tensor?
  /// `[batch, length]`: how often training has read an event's ID, this batch included, as a share of all values that it
  /// has read of the same table. Not read at padding. While training, for models whose needs name it.
  public var frequencies: Tensor?
  /// `[batch, length]`: indices of action types, not read at padding; for shapes with `actions`.
  public var actions: Tensor?
  /// `[batch, length]`: seconds from the event to the row's time, not read at padding; for shapes with `hasAges`.
  public var ages: Tensor?

  public init(
    vectors: Variable, mask: Tensor, codes: Tensor? = nil, frequencies: Tensor? = nil, actions: Tensor? = nil,
    ages: Tensor? = nil
  ) {
    self.vectors = vectors
    self.mask = mask
    self.codes = codes
    self.frequencies = frequencies
    self.actions = actions
    self.ages = ages
  }
}

/// What a model makes of a batch.
public struct ModelOutput: Sendable {
  /// `[batch, outputs]`: the tasks' columns side by side (`ModelShape.outputs`).
  public var logits: Variable
  /// A loss of the model's own, `[1]`, already weighted, to be added to those of the tasks. With lanes, each has its
  /// share. Only while training.
  public var auxiliary: Variable?

  public init(logits: Variable, auxiliary: Variable? = nil) {
    self.logits = logits
    self.auxiliary = auxiliary
  }
}
