import Foundation
import LoamQuery
import LoamSchema
import ONNXProto

/// An embedding table as a part of a graph: IDs ascending as i64, in which the two reserved ones are -1 (missing) and
/// -2 (unknown), and the rows in their order.
///
/// ```
///   ID ─ binary search in table/SPACE.ids ─ found? its row : the row of unknown ─ Gather ─ vector
/// ```
struct GraphTable {
  let space: String
  let count: Int
  let dimension: Int
  let hasWeight: Bool
  let tensors: [GraphTensor]
  private let missingRow: Int
  private let unknownRow: Int

  private var ids: String { "table/\(space).ids" }
  private var rows: String { "table/\(space).rows" }
  private var weight: String { "table/\(space).weight" }

  /// - Parameters:
  ///   - form: of the vectors; a graph has them as f32 again.
  ///   - file: takes the content; `nil`: the graph's own file does.
  init(_ content: TableContent, _ form: RowForm, in file: ExternalFile?) throws(ExportError) {
    guard let missing = content.missingRow, let unknown = content.unknownRow else {
      throw ExportError(.damaged, "\(content.name) has no rows for missing and unknown IDs")
    }
    (space, count, dimension, hasWeight) = (content.space, content.count, content.dimension, content.hasWeight)
    // Signed, the upper half of the IDs comes before the lower one.
    let upper = content.ids.firstIndex { $0 > ID(Int64.max) } ?? content.count
    let halves = [upper..<content.count, 0..<upper]
    (missingRow, unknownRow) = (missing - upper, unknown - upper)
    var tensors = [
      try GraphTensor("table/\(space).ids", .i64, [count], in: file) { (append) throws(ExportError) in
        for half in halves {
          let ids = Array(content.ids[half])
          try ids.span.bytes.withUnsafeBytes { (bytes) throws(ExportError) in try append(bytes) }
        }
      }
    ]
    let columns =
      (dimension > 0 ? [("vector", "rows", [count, dimension])] : [])
      + (hasWeight ? [("weight", "weight", [count])] : [])
    for (column, name, shape) in columns {
      tensors.append(
        try GraphTensor("table/\(space).\(name)", .f32, shape, in: file) { (append) throws(ExportError) in
          for half in halves {
            try content.forEachPiece(of: column, in: half) { (_, values) throws(ExportError) in
              let rounded = column == "vector" ? form.rounded(values, width: content.dimension) : values
              try rounded.span.bytes.withUnsafeBytes { (bytes) throws(ExportError) in try append(bytes) }
            }
          }
        })
    }
    self.tensors = tensors
  }

  static func byteCount(_ content: TableContent) -> Int {
    content.count * (8 + 4 * content.dimension + (content.hasWeight ? 4 : 0))
  }

  /// Adds a field's inputs and what finds its pooled vector `[batch, dimension]` and weight `[batch]`.
  func look(up field: FieldDefinition, _ builder: inout GraphBuilder) -> (vector: String?, weight: String?) {
    let name = field.name
    guard field.shape != .single else {
      builder.input(name, .i64, [.batch], "the ID's 64 bits; -1 where it is missing")
      let row = search(name, &builder)
      return (
        dimension > 0 ? builder.node("Gather", rows, row) : nil, hasWeight ? builder.node("Gather", weight, row) : nil
      )
    }
    let places = [ONNXShape.Dimension.batch, .named("\(name):values")]
    builder.input(name, .i64, places, "64 bits of each ID; -1 at padding, and at every place where there is none")
    builder.input("\(name):mask", .f32, places, "1 at IDs, or their weights; 0 at padding")
    let row = search(name, &builder)
    let isAbsent = builder.node("Equal", name, builder.int(-1))
    let mask = builder.node("Where", isAbsent, builder.float(0), "\(name):mask")
    let total = builder.node("ReduceSum", mask, builder.ints([1]), with: [.int("keepdims", 1)])
    let isNothing = builder.node("Equal", total, builder.float(0))
    let shares = builder.node("Where", isNothing, builder.float(0), builder.node("Div", mask, total))
    // A row without any ID reads the row of missing.
    let empty = builder.node(
      "ReduceMin", builder.cast(isAbsent, to: .f32), with: [.ints("axes", [1]), .int("keepdims", 1)])
    return (
      dimension > 0 ? vector(row, shares, empty, &builder) : nil,
      hasWeight ? weight(row, shares, empty, &builder) : nil
    )
  }

  private func vector(_ row: String, _ shares: String, _ empty: String, _ builder: inout GraphBuilder) -> String {
    let values = builder.node("Gather", rows, row)
    let mean = builder.node(
      "Squeeze", builder.node("MatMul", builder.unsqueeze(shares, 1), values), builder.ints([1]))
    let missing = builder.node("Gather", rows, builder.ints([Int64(missingRow)]))
    return builder.node("Add", mean, builder.node("Mul", empty, missing))
  }

  private func weight(_ row: String, _ shares: String, _ empty: String, _ builder: inout GraphBuilder) -> String {
    let values = builder.node("Mul", shares, builder.node("Gather", weight, row))
    let mean = builder.node("ReduceSum", values, builder.ints([1]), with: [.int("keepdims", 0)])
    let missing = builder.node("Gather", weight, builder.int(Int64(missingRow)))
    return builder.node(
      "Add", mean, builder.node("Mul", builder.node("Squeeze", empty, builder.ints([1])), missing))
  }

  /// The last row whose ID is not above the wanted one, by halving; a row of another ID is none. Each step is a Gather and
  /// a comparison, for all IDs of the batch at once.
  private func search(_ wanted: String, _ builder: inout GraphBuilder) -> String {
    var base = builder.node("Mul", wanted, builder.int(0))
    var length = count
    while length > 1 {
      let half = length / 2
      let probe = builder.node("Add", base, builder.int(Int64(half)))
      let isPast = builder.node("LessOrEqual", builder.node("Gather", ids, probe), wanted)
      base = builder.node("Where", isPast, probe, base)
      length -= half
    }
    let isFound = builder.node("Equal", builder.node("Gather", ids, base), wanted)
    return builder.node("Where", isFound, base, builder.int(Int64(unknownRow)))
  }
}
