import LoamSchema
import LoamStore

/// The coded IDs of one field in the rows at hand.
struct IDColumn {
  let plan: RowPlan.IDs
  private let hasWeights: Bool
  private let isSingle: Bool
  private let isAlone: Bool
  private var codes: [UInt32] = []
  private var offsets: [UInt32] = [0]
  private var weights: [Float] = []
  /// Where fields share a space: its codes -> this field's, and this field's distinct IDs.
  private var ownCodes: [UInt32] = []
  private var distinct: [ID] = []

  /// - Parameter isAlone: no other field counts into the tally that this one counts into.
  init(_ plan: RowPlan.IDs, isAlone: Bool? = nil) {
    self.plan = plan
    hasWeights = plan.field.weightSeparator != nil
    isSingle = plan.field.shape == .single
    self.isAlone = isAlone ?? plan.isAlone
  }

  /// Appends a row's values, counted in the field's space.
  @inline(__always)
  mutating func append(
    _ values: [ParsedID], _ range: Range<Int>, at time: Int64, row: Int, _ tally: SpaceTally
  ) throws(IngestError) {
    for index in range {
      let code = try tally.count(values[index].id, values[index].text, at: time, row: row)
      codes.append(isAlone ? code : own(code, values[index].id))
      if hasWeights { weights.append(values[index].weight) }
    }
    if !isSingle {
      offsets.append(UInt32(codes.count))
    } else if range.isEmpty {
      codes.append(CodedIDs.missing)
    }
  }

  private mutating func own(_ code: UInt32, _ id: ID) -> UInt32 {
    while ownCodes.count <= Int(code) { ownCodes.append(.max) }
    if ownCodes[Int(code)] == .max {
      ownCodes[Int(code)] = UInt32(distinct.count)
      distinct.append(id)
    }
    return ownCodes[Int(code)]
  }

  mutating func take(_ tally: SpaceTally) -> CodedIDs {
    let taken = CodedIDs(
      distinct: isAlone ? tally.ids : distinct, codes: codes, offsets: isSingle ? nil : offsets,
      weights: hasWeights ? weights : nil)
    let capacity = codes.count
    codes = []
    codes.reserveCapacity(capacity)
    (offsets, weights, ownCodes, distinct) = ([0], [], [], [])
    return taken
  }
}

/// One value of an ID field, checked.
struct ParsedID {
  var id: ID
  var text: Record.Text
  var weight: Float = 1
}
