import LoamKernels
import LoamModels
import LoamQuery
import LoamTensor

/// The forward and backward pass of one lane: some rows of a batch on a tape of their own.
///
/// ```
///   distinct rows ── gather, pool ──▶ vectors, weights ── model ──▶ logits ── loss
///   their sums   ◀── scatter, in the order of rows ──── gradients ◀──────────┘
/// ```
///
/// `forward` and `backward` may run beside other lanes. `scatter` runs lane after lane for each table, so that sums over
/// duplicates have one order however many threads there are; different tables may be scattered to at once.
final class LanePass {
  let tape = Tape()
  private let model: any Model
  private let definition: ModelDefinition
  private let needs: ModelNeeds
  private var inputs = ModelInputs()
  private var rows = 0..<0

  init(_ model: any Model, _ definition: ModelDefinition) {
    self.model = model
    self.definition = definition
    needs = model.needs
  }

  /// Logits `[rows, outputs]` of some rows of a batch, and the model's own loss.
  func forward(
    _ batch: FeatureBatch, rows: Range<Int>, _ fetched: [FetchedRows], lane: Lane = Lane(), step: UInt64? = nil
  ) -> ModelOutput {
    self.rows = rows
    tape.begin(lane: lane)
    let training = step != nil
    let (fields, dimension) = (definition.fields.count, fetched.first?.dimension ?? 0)
    inputs = ModelInputs()
    if needs.vectors, fields > 0 {
      let vectors = tape.arena.tensor(Shape(rows.count, fields, dimension))
      for field in 0..<fields {
        let table = fetched[definition.fields[field].table]
        gather(
          batch.fields[field], table.vectors, dimension, to: vectors.pointer + field * dimension,
          stride: fields * dimension)
      }
      inputs.vectors = tape.input(vectors, wantsGradient: training)
    }
    if needs.weights, fields > 0 {
      let weights = tape.arena.tensor(Shape(rows.count, fields))
      for field in 0..<fields {
        let table = fetched[definition.fields[field].table]
        gather(batch.fields[field], table.weights, 1, to: weights.pointer + field, stride: fields)
      }
      inputs.weights = tape.input(weights, wantsGradient: training)
    }
    if !definition.dense.isEmpty {
      let dense = tape.arena.tensor(Shape(rows.count, definition.dense.count))
      let start = rows.lowerBound * definition.dense.count
      batch.dense.withUnsafeBufferPointer { dense.pointer.update(from: $0.baseAddress! + start, count: dense.count) }
      inputs.dense = tape.input(dense)
    }
    return model.forward(tape, inputs, training: training, step: step ?? 0)
  }

  /// The loss of this lane's rows and its gradients.
  func backward(_ batch: FeatureBatch, from output: ModelOutput) -> Float {
    let labels = tape.arena.tensor(Shape(rows.count))
    batch.labels[0].withUnsafeBufferPointer {
      labels.pointer.update(from: $0.baseAddress! + rows.lowerBound, count: rows.count)
    }
    var weights: Tensor?
    if !batch.weights.isEmpty {
      let tensor = tape.arena.tensor(Shape(rows.count))
      batch.weights.withUnsafeBufferPointer {
        tensor.pointer.update(from: $0.baseAddress! + rows.lowerBound, count: rows.count)
      }
      weights = tensor
    }
    var loss = tape.crossEntropy(output.logits, labels: labels, weights: weights)
    if let auxiliary = output.auxiliary { loss = tape.add(loss, auxiliary) }
    tape.backward(from: loss)
    return tape.value(of: loss).pointer[0]
  }

  /// Adds the gradients of this lane's rows to the sums of one table's distinct rows.
  func scatter(_ batch: FeatureBatch, table: Int, into fetched: FetchedRows) {
    let fields = definition.fields.count
    let vectors = inputs.vectors.flatMap { tape.gradient(of: $0) }
    let weights = inputs.weights.flatMap { tape.gradient(of: $0) }
    for field in 0..<fields where definition.fields[field].table == table {
      if let vectors {
        let width = fetched.dimension
        scatter(
          batch.fields[field], vectors.pointer + field * width, stride: fields * width, width, into: fetched.vectorSums)
      }
      if let weights {
        scatter(batch.fields[field], weights.pointer + field, stride: fields, 1, into: fetched.weightSums)
      }
    }
  }

  private func gather(
    _ field: FeatureBatch.Field, _ values: UnsafePointer<Float>, _ dimension: Int,
    to out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    field.codes.withUnsafeBufferPointer { codes in
      if field.offsets.isEmpty {
        loam_gather(out, stride, values, dimension, codes.baseAddress! + rows.lowerBound, rows.count)
      } else {
        field.offsets.withUnsafeBufferPointer { offsets in
          loam_gather_bags(
            out, stride, values, dimension, codes.baseAddress!, offsets.baseAddress! + rows.lowerBound, field.shares,
            rows.count)
        }
      }
    }
  }

  private func scatter(
    _ field: FeatureBatch.Field, _ gradients: UnsafePointer<Float>, stride: Int, _ dimension: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    field.codes.withUnsafeBufferPointer { codes in
      if field.offsets.isEmpty {
        loam_scatter_add(sums, gradients, stride, dimension, codes.baseAddress! + rows.lowerBound, rows.count)
      } else {
        field.offsets.withUnsafeBufferPointer { offsets in
          loam_scatter_add_bags(
            sums, gradients, stride, dimension, codes.baseAddress!, offsets.baseAddress! + rows.lowerBound,
            field.shares, rows.count)
        }
      }
    }
  }
}
