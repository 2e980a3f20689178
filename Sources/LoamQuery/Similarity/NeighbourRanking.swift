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
    // A few are wanted of many: those that come before the last of the best so far.
    var best: [(id: ID, score: Double)] = []
    for (id, score) in scores {
      if best.count == count, let last = best.last, score < last.score { continue }
      if seen.contains(id) { continue }
      let place = best.firstIndex { isBefore((id, score), $0) } ?? best.count
      if place == count { continue }
      if best.count == count { best.removeLast() }
      best.insert((id, score), at: place)
    }
    var ids = best.map { $0.id }
    for id in popular {
      if ids.count == count { break }
      if scores[id] == nil && !seen.contains(id) { ids.append(id) }
    }
    return ids
  }

  private func isBefore(_ a: (id: ID, score: Double), _ b: (id: ID, score: Double)) -> Bool {
    if a.score != b.score { return a.score > b.score }
    let (popularA, popularB) = (popularity[a.id] ?? 0, popularity[b.id] ?? 0)
    return popularA != popularB ? popularA > popularB : a.id < b.id
  }
}
