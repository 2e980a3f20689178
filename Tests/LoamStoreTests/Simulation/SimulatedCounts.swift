/// How often things happened, to see that a run covered them.
struct SimulatedCounts: Equatable {
  var steps = 0
  var shardTransactions = 0
  var publications = 0
  var earlyPuts = 0
  var patches = 0
  var folds = 0
  var reads = 0
  var readerRetries = 0
  var reverts = 0
  var drops = 0
  var deltas = 0
  var backups = 0
  var kills = 0
  var powerCuts = 0
  var fullDisks = 0
  var unknown = 0
  var cleaned = 0
  var collected = 0
  var goingOn = 0

  static func += (a: inout Self, b: Self) {
    for (_, field) in fields { a[keyPath: field] += b[keyPath: field] }
  }

  private static var fields: [(String, WritableKeyPath<Self, Int>)] {
    [
      ("steps", \.steps), ("shard transactions", \.shardTransactions), ("publications", \.publications),
      ("early puts", \.earlyPuts),
      ("goOn", \.goingOn), ("patches", \.patches), ("folds", \.folds),
      ("reads", \.reads), ("reader retries", \.readerRetries),
      ("reverts", \.reverts), ("drops", \.drops), ("deltas", \.deltas), ("backups", \.backups), ("kills", \.kills),
      ("power cuts", \.powerCuts), ("full disks", \.fullDisks), ("unknown outcomes", \.unknown),
      ("cleaned", \.cleaned), ("collected", \.collected),
    ]
  }
}

extension SimulatedCounts: CustomStringConvertible {
  var description: String { Self.fields.map { "\(self[keyPath: $1]) \($0)" }.joined(separator: ", ") }
}
