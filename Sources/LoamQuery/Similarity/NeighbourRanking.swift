import LoamSchema
import LoamStore

/// Ranks IDs by how often they stood beside those of a history: a strong and simple forecast of what comes next.
///
/// The score of an ID is the sum, over the history, of its count beside that ID times the weight of the ID's place: by
/// `last` 1 for the newest alone, by `recency` 1, 1/2, 1/3 ... from the newest on. Of equal scores the more popular ID
/// comes first, then the smaller one; where fewer IDs have a score than are asked for, the most popular ones follow.
public struct NeighbourRanking: Sendable {
  public enum Weights: String, Sendable, CaseIterable {
    case last, recency
  }
  private let pairs: PairReader
  private let popularity: [ID: UInt64]
  private let popular: [ID]

  /// - Parameter popularity: occurrences of IDs, as the logs count them.
  public init(_ pairs: PairReader, popularity: [ID: UInt64]) {
    (self.pairs, self.popularity) = (pairs, popularity)
    popular = popularity.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.map(\.key)
  }

  /// The IDs that rank highest after a history, none of which it has.
  ///
  /// - Parameter history: oldest first.
  public func best(_ count: Int, after history: some BidirectionalCollection<ID>, weights: Weights) -> [ID] {
    let seen = Set(history)
    var scores: [ID: Double] = [:]
    for (place, id) in history.reversed().prefix(weights == .last ? 1 : history.count).enumerated() {
      for neighbour in pairs.neighbours(of: id) {
        scores[neighbour.id, default: 0] += Double(neighbour.count) / Double(place + 1)
      }
    }
    var best = scores.filter { !seen.contains($0.key) }.sorted { a, b in
      if a.value != b.value { return a.value > b.value }
      let (popularA, popularB) = (popularity[a.key] ?? 0, popularity[b.key] ?? 0)
      return popularA != popularB ? popularA > popularB : a.key < b.key
    }.prefix(count).map(\.key)
    for id in popular {
      if best.count == count { break }
      if scores[id] == nil && !seen.contains(id) { best.append(id) }
    }
    return best
  }
}
