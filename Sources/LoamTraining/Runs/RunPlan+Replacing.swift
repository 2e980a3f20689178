import LoamQuery
import LoamSchema
import LoamStore

/// Training anew under a name that the store has already.
extension RunPlan {
  /// The model's tables that the new one has no use for.
  func left(by snapshot: Snapshot) -> [TableSpec] {
    let used = Set(specs.map(\.name))
    return snapshot.tables.filter {
      $0.kind == .embedding && $0.name.hasPrefix(config.name + "/") && !used.contains($0)
    }
    .compactMap { snapshot.spec($0) }
  }

  /// Takes away the rows of those. Nothing is visible of it before the first checkpoint.
  func clear(_ others: [TableSpec], _ write: Write) throws(StoreError) {
    for spec in others {
      let table = try IDTableWriter(write, spec)
      try table.removeAll()
      try table.flush()
    }
  }
}

extension IDTableWriter {
  /// Takes away every row that the write's base has.
  func removeAll() throws(StoreError) {
    guard let reader = try IDTableReader(write.base, spec.name) else { return }
    var ids: [ID] = []
    do {
      try reader.forEachRow { _, id in ids.append(id) }
    } catch {
      throw error as! StoreError
    }
    for id in ids { try remove(id) }
  }
}
