import LoamSchema

extension Write {
  /// Removes events of a timeline as `TimelineWriter.remove` does, and what they count in the timeline's pairs.
  ///
  /// The write must have both tables: see `Snapshot.specsWithPairs`.
  func remove(
    from name: TableName, where isRemoved: (Event) -> Bool, entity: ID? = nil
  ) throws(StoreError) -> Int {
    let timeline = try TimelineWriter(self, spec(name))
    let pairs = TableName(.pairs, name.name)
    guard let pairSpec = base.spec(pairs),
      let field = timeline.fields.firstIndex(where: { $0.name == pairSpec.pairField })
    else { return try timeline.remove(where: isRemoved, entity: entity) }
    var removal = PairDelta.Removal(field: field)
    let removed = try timeline.remove(
      where: { event in
        let goes = isRemoved(event)
        removal.follow(event, isRemoved: goes)
        return goes
      }, entity: entity)
    let table = try IDTableWriter(self, spec(pairs))
    try PairWriter.apply(removal.delta, to: table)
    try table.flush()
    return removed
  }
}

extension Snapshot {
  /// Of tables that this version has, and of the pairs of the timelines among them.
  func specsWithPairs(_ names: [TableName]) throws(StoreError) -> [TableSpec] {
    try readableSpecs(names + names.filter { $0.kind == .timeline }.map { TableName(.pairs, $0.name) })
  }
}
