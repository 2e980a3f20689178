import LoamSchema
import LoamStore

/// The coded IDs of one field in the rows at hand.
final class IDColumn {
  let plan: RowPlan.IDs
  private let tally: SpaceTally
  private var codes: [UInt32] = []
  private var offsets: [UInt32] = [0]
  private var weights: [Float] = []
  /// Where fields share a space: its codes -> this field's, and this field's distinct IDs.
  private var ownCodes: [UInt32] = []
  private var distinct: [ID] = []

  init(_ plan: RowPlan.IDs, _ tally: SpaceTally) {
    self.plan = plan
    self.tally = tally
  }

  func append(_ values: ArraySlice<ParsedID>, at time: Int64) throws(IngestError) {
    for value in values {
      let code = try tally.count(value.id, tally.isString ? value.text : nil, at: time)
      codes.append(plan.isAlone ? code : own(code, value.id))
      if plan.field.weightSeparator != nil { weights.append(value.weight) }
    }
    if plan.field.shape == .single {
      if values.isEmpty { codes.append(CodedIDs.missing) }
    } else {
      offsets.append(UInt32(codes.count))
    }
  }

  private func own(_ code: UInt32, _ id: ID) -> UInt32 {
    while ownCodes.count <= Int(code) { ownCodes.append(.max) }
    if ownCodes[Int(code)] == .max {
      ownCodes[Int(code)] = UInt32(distinct.count)
      distinct.append(id)
    }
    return ownCodes[Int(code)]
  }

  func take() -> CodedIDs {
    let isSingle = plan.field.shape == .single
    let taken = CodedIDs(
      distinct: plan.isAlone ? tally.ids : distinct, codes: codes, offsets: isSingle ? nil : offsets,
      weights: plan.field.weightSeparator == nil ? nil : weights)
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
