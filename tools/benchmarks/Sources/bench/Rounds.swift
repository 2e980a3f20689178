/// Figures of rounds in which Loam and a peer took turns.
struct Rounds {
  var loam: [Double] = []
  var peer: [Double] = []

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  var spread: Double { (loam.max()! - loam.min()!) / Self.median(loam) }

  /// Above 1 where Loam is better.
  func ratio(lowerIsBetter: Bool) -> Double? {
    guard !peer.isEmpty else { return nil }
    return Self.median(zip(loam, peer).map { lowerIsBetter ? $1 / $0 : $0 / $1 })
  }

  /// Rates of work cut into slices that are done in turn, `rows` a round. Turns of a few milliseconds meet the same
  /// neighbours on a machine that others use too.
  static func inTurn(
    _ count: Int, rows: Int, slices: Int, loam: (Int) throws -> Double, peer: ((Int) throws -> Double)?
  ) throws -> Rounds {
    var rounds = Rounds()
    for _ in 0..<count {
      var (ours, theirs) = (0.0, 0.0)
      for slice in 0..<slices {
        ours += try loam(slice)
        if let peer { theirs += try peer(slice) }
      }
      rounds.loam.append(Double(rows) / ours)
      if peer != nil { rounds.peer.append(Double(rows) / theirs) }
    }
    return rounds
  }

  static func inTurn(_ count: Int, loam: () throws -> Double, peer: (() throws -> Double)?) throws -> Rounds {
    var rounds = Rounds()
    for _ in 0..<count {
      rounds.loam.append(try loam())
      if let peer { rounds.peer.append(try peer()) }
    }
    return rounds
  }
}
