import LoamKernels
import LoamModels
import LoamQuery
import LoamTensor

/// The forward and backward pass of one lane: some rows of a batch on a tape of their own.
///
/// ```
///   distinct rows ── gather, pool ──▶ vectors, weights, sequences ── model ──▶ logits ── losses of the tasks
///   their sums   ◀── scatter, in the order of rows ──────────── gradients ◀──────────────┘
/// ```
///
/// `forward` and `backward` may run beside other lanes. `scatter` runs lane after lane for each table, so that sums over
/// duplicates have one order however many threads there are; different tables may be scattered to at once.
final class LanePass {
  let tape: Tape
  private let model: any Model
  private let definition: ModelDefinition
  private let needs: ModelNeeds
  /// Fields that are pooled, and those that are read event by event.
  private let pooled: [FieldDefinition]
  private let pooledPlaces: [Int]
  private let sequencePlaces: [Int]
  private var inputs = ModelInputs()
  private let picks = FieldPicks()
  /// What `inputs.vectors` were picked from; nil: they were gathered from the batch's rows.
  private var pickedFrom: Variable?
  private var rows = 0..<0

  init(_ model: any Model, _ definition: ModelDefinition, precision: Precision = .f32) {
    tape = Tape(precision: precision)
    self.model = model
    self.definition = definition
    needs = model.needs
    pooledPlaces = definition.fields.indices.filter { definition.fields[$0].length == 0 }
    sequencePlaces = definition.fields.indices.filter { definition.fields[$0].length > 0 }
    pooled = pooledPlaces.map { definition.fields[$0] }
  }

  /// Logits `[rows, outputs]` of some rows of a batch, and the model's own loss.
  func forward(
    _ batch: FeatureBatch, rows: Range<Int>, _ fetched: [FetchedRows], lane: Lane = Lane(), step: UInt64? = nil
  ) -> ModelOutput {
    self.rows = rows
    tape.begin(lane: lane)
    let training = step != nil
    let dimension = fetched.first?.dimension ?? 0
    inputs = ModelInputs()
    pickedFrom = nil
    if needs.vectors, !pooled.isEmpty {
      // Training alone multiplies a vector once for all its rows: a score is not to depend, not even in its last bit,
      // on the rows beside it.
      if training, pooledPlaces.allSatisfy({ batch.fields[$0].offsets.isEmpty }) {
        let vectors = tape.input(distinctVectors(batch, fetched, dimension), wantsGradient: true)
        inputs.vectors = tape.pick(vectors, picks)
        pickedFrom = vectors
      } else {
        let vectors = tape.arena.tensor(Shape(rows.count, pooled.count, dimension))
        gather(batch, fetched, dimension, to: vectors)
        inputs.vectors = tape.input(vectors, wantsGradient: training)
      }
    }
    if needs.weights, !pooled.isEmpty {
      let weights = tape.arena.tensor(Shape(rows.count, 1))
      addWeights(batch, fetched, to: weights)
      inputs.weights = tape.input(weights, wantsGradient: training)
    }
    for place in sequencePlaces {
      inputs.sequences.append(sequence(batch.fields[place], definition.fields[place], fetched, training: training))
    }
    if !definition.dense.isEmpty {
      let dense = tape.arena.tensor(Shape(rows.count, definition.dense.count))
      let start = rows.lowerBound * definition.dense.count
      batch.dense.withUnsafeBufferPointer { dense.pointer.update(from: $0.baseAddress! + start, count: dense.count) }
      inputs.dense = tape.input(dense)
    }
    return model.forward(tape, inputs, training: training, step: step ?? 0)
  }

  /// This lane's share of the batch's loss, and its gradients.
  ///
  /// - Parameter labelCounts: how many rows of the whole batch have each label.
  func backward(_ batch: FeatureBatch, from output: ModelOutput, labelCounts: [Int]) -> Float {
    var loss = losses(batch, output, labelCounts)
    if let auxiliary = output.auxiliary { loss = tape.add(loss, auxiliary) }
    tape.backward(from: loss)
    return tape.value(of: loss).pointer[0]
  }

  /// The losses of the tasks, each with its weight, added.
  private func losses(_ batch: FeatureBatch, _ output: ModelOutput, _ counts: [Int]) -> Variable {
    let weights = batch.weights.isEmpty ? nil : column(batch.weights)
    var sum: Variable?
    var begin = 0
    for (index, task) in definition.tasks.enumerated() {
      let columns = begin..<begin + task.outputs
      begin = columns.upperBound
      let scores = definition.tasks.count == 1 ? output.logits : tape.slice(output.logits, columns: columns)
      let (labels, count) = (column(batch.labels[index]), counts[index])
      var loss =
        switch task.kind {
        case .binary: tape.crossEntropy(scores, labels: labels, weights: weights, count: count)
        case .real: tape.squareError(scores, labels: labels, weights: weights, count: count)
        case .class: tape.softmaxCrossEntropy(scores, labels: labels, weights: weights, count: count)
        }
      if task.weight != 1 { loss = tape.scale(loss, by: Float(task.weight)) }
      sum = sum.map { tape.add($0, loss) } ?? loss
    }
    return sum!
  }

  /// This lane's rows of a column of the batch.
  private func column(_ values: [Float]) -> Tensor {
    let tensor = tape.arena.tensor(Shape(rows.count))
    values.withUnsafeBufferPointer {
      tensor.pointer.update(from: $0.baseAddress! + rows.lowerBound, count: rows.count)
    }
    return tensor
  }

  /// Adds the gradients of this lane's rows to the sums of one table's distinct rows.
  func scatter(_ batch: FeatureBatch, table: Int, into fetched: FetchedRows) {
    let vectors = (pickedFrom ?? inputs.vectors).flatMap { tape.gradient(of: $0) }
    let weights = inputs.weights.flatMap { tape.gradient(of: $0) }
    let width = fetched.dimension
    for (place, field) in pooled.enumerated() where field.table == table {
      let codes = BatchField(batch.fields[pooledPlaces[place]], rows)
      if let vectors, pickedFrom != nil {
        let codes = picks.codes(of: place)
        loam_scatter_add(
          fetched.vectorSums, vectors.pointer + picks.vectors(of: place).lowerBound * width, width, width,
          codes.baseAddress, codes.count)
      } else if let vectors {
        codes.scatter(
          vectors.pointer + place * width, stride: pooled.count * width, width, into: fetched.vectorSums)
      }
      if let weights { codes.scatter(weights.pointer, stride: 1, 1, into: fetched.weightSums) }
    }
    for (sequence, place) in sequencePlaces.enumerated() where definition.fields[place].table == table {
      guard let gradient = tape.gradient(of: inputs.sequences[sequence].vectors) else { continue }
      BatchField(batch.fields[place], rows).scatterSequences(
        gradient.pointer, width, length: definition.fields[place].length, into: fetched.vectorSums)
    }
  }

  /// This lane's distinct vectors, field by field: `[picks.count, width]`.
  private func distinctVectors(_ batch: FeatureBatch, _ fetched: [FetchedRows], _ width: Int) -> Tensor {
    let distinctMax = pooled.reduce(0) { max($0, batch.tables[$1.table].references.count) }
    picks.begin(rows: rows.count, fields: pooled.count, codesBelow: distinctMax)
    for place in pooledPlaces {
      batch.fields[place].codes.withUnsafeBufferPointer { picks.append($0.baseAddress! + rows.lowerBound) }
    }
    let vectors = tape.arena.tensor(Shape(picks.count, width))
    for (place, field) in pooled.enumerated() {
      let codes = picks.codes(of: place)
      loam_gather(
        vectors.pointer + picks.vectors(of: place).lowerBound * width, width, fetched[field.table].vectors, width,
        codes.baseAddress, codes.count)
    }
    return vectors
  }

  private func gather(_ batch: FeatureBatch, _ fetched: [FetchedRows], _ width: Int, to out: Tensor) {
    for (place, field) in pooled.enumerated() {
      BatchField(batch.fields[pooledPlaces[place]], rows).gather(
        fetched[field.table].vectors, width, to: out.pointer + place * width, stride: pooled.count * width)
    }
  }

  /// The sum of a row's weights is all that a model reads of them, so that no number an ID is written.
  private func addWeights(_ batch: FeatureBatch, _ fetched: [FetchedRows], to sums: Tensor) {
    sums.fill(0)
    for (place, field) in pooled.enumerated() {
      BatchField(batch.fields[pooledPlaces[place]], rows).addWeights(fetched[field.table].weights, to: sums.pointer)
    }
  }

  private func sequence(
    _ field: FeatureBatch.Field, _ definition: FieldDefinition, _ fetched: [FetchedRows], training: Bool
  ) -> SequenceInput {
    let table = fetched[definition.table]
    let vectors = tape.arena.tensor(Shape(rows.count, definition.length, table.dimension))
    let mask = tape.arena.tensor(Shape(rows.count, definition.length))
    let codes = tape.arena.tensor(Shape(rows.count, definition.length))
    BatchField(field, rows).gatherSequences(
      table.vectors, table.dimension, length: definition.length, to: vectors.pointer, mask: mask.pointer,
      codes: codes.pointer)
    var frequencies: Tensor?
    if training, table.hasCounts {
      let shares = tape.arena.tensor(mask.shape)
      for at in 0..<mask.count {
        shares.pointer[at] = mask.pointer[at] == 0 ? 0 : table.share(Int(codes.pointer[at]))
      }
      frequencies = shares
    }
    let events = { (values: KeyPath<FeatureBatch.Field, [Float]>, isKnown: Bool) -> Tensor? in
      guard isKnown else { return nil }
      let numbers = self.tape.arena.tensor(mask.shape)
      BatchField(field, self.rows).placeEvents(values, length: definition.length, to: numbers.pointer)
      return numbers
    }
    return SequenceInput(
      vectors: tape.input(vectors, wantsGradient: training), mask: mask, codes: codes, frequencies: frequencies,
      actions: events(\.actions, definition.events?.actions != nil),
      ages: events(\.ages, definition.events?.ages != nil))
  }
}
