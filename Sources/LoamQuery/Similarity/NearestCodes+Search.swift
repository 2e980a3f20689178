import Dispatch
import LoamKernels
import LoamSchema
import LoamStore
import Synchronization

extension NearestCodes {
  /// Groups of rows that are bounded together: 2,048 rows, which with their bounds lie in the first-level cache but for
  /// the codes, and those are read once.
  private static let groupsTogether = 64
  /// More candidates are looked through for those that have fallen behind.
  private static let candidatesMax = 65_536

  /// The admitted IDs whose vectors are nearest to a query, best first; equal ones by ID. Exact, in double precision.
  ///
  /// - Parameters:
  ///   - query: `[dimension]`.
  ///   - threads: share the rows.
  ///   - isWanted: others are not among the answers. Called from several threads.
  public func nearest(
    to query: [Float], count: Int, by similarity: Similarity = .cosine, threads: Int = 1,
    where isWanted: @Sendable (ID) -> Bool = { _ in true }
  ) throws(QueryError) -> [EmbeddingReader.Neighbour] {
    precondition(query.count == dimension, "a query of \(query.count) elements, rows have \(dimension)")
    precondition(count > 0 && threads > 0, "\(count) neighbours by \(threads) threads")
    let groups = firstGroups.last!
    let parts = (0..<threads).map { groups * $0 / threads..<groups * ($0 + 1) / threads }
    let found = Mutex<Result<[[Candidate]], QueryError>>(.success([]))
    DispatchQueue.concurrentPerform(iterations: threads) { part in
      do throws(QueryError) {
        let candidates = try self.candidates(parts[part], query, count, similarity, isWanted)
        found.withLock { $0 = $0.map { $0 + [candidates] } }
      } catch { found.withLock { $0 = .failure(error) } }
    }
    let candidates = try found.withLock { $0 }.get().flatMap { $0 }
    return try ranked(Self.reaching(count, of: candidates), query, count, similarity)
  }

  /// A row that may be among the nearest.
  struct Candidate: Sendable {
    var row: Int
    var id: ID
    var lower: Float
    var upper: Float
  }

  private func candidates(
    _ groups: Range<Int>, _ query: [Float], _ count: Int, _ similarity: Similarity, _ isWanted: (ID) -> Bool
  ) throws(QueryError) -> [Candidate] {
    let scan = CodeScan(self, query, similarity, groups: Self.groupsTogether)
    var lowest = LowerBounds(capacity: count)
    var candidates: [Candidate] = []
    for first in stride(from: groups.lowerBound, to: groups.upperBound, by: Self.groupsTogether) {
      // Places without an ID are infinitely far.
      let least = max(lowest.least, -.greatestFiniteMagnitude)
      let found = scan.bound(first..<min(first + Self.groupsTogether, groups.upperBound), least: least)
      for place in found {
        let (row, upper) = (first * Self.together + Int(place), scan.uppers[Int(place)])
        guard upper >= lowest.least else { continue }
        let id = try QueryError.passing { () throws(StoreError) in try reader.table.idInUse(reference(row)) }
        guard let id, id <= ID.largest, isWanted(id) else { continue }
        let lower = upper - scan.spans[Int(place)]
        lowest.offer(lower)
        candidates.append(Candidate(row: row, id: id, lower: lower, upper: upper))
      }
      if candidates.count > Self.candidatesMax { candidates.removeAll { $0.upper < lowest.least } }
    }
    return candidates.filter { $0.upper >= lowest.least }
  }

  /// Those that the best `count` may be among.
  private static func reaching(_ count: Int, of candidates: [Candidate]) -> [Candidate] {
    var lowest = LowerBounds(capacity: count)
    for candidate in candidates { lowest.offer(candidate.lower) }
    return candidates.filter { $0.upper >= lowest.least }
  }

  private func ranked(
    _ candidates: [Candidate], _ query: [Float], _ count: Int, _ similarity: Similarity
  ) throws(QueryError) -> [EmbeddingReader.Neighbour] {
    let vectors = try reader.values("vector", candidates.map { reference($0.row) })
    let found = candidates.enumerated().map { place, candidate in
      EmbeddingReader.Neighbour(
        id: candidate.id,
        value: similarity.value(query[...], vectors[place * dimension..<(place + 1) * dimension]))
    }
    let sorted = found.sorted {
      $0.value != $1.value ? similarity.isNearer($0.value, than: $1.value) : $0.id < $1.id
    }
    return Array(sorted.prefix(count))
  }
}

/// The best lower bounds so far: none of the nearest rows has an upper bound below the least of them.
private struct LowerBounds {
  private let capacity: Int
  /// Ascending.
  private var bounds: [Float] = []

  init(capacity: Int) { self.capacity = capacity }

  var least: Float { bounds.count < capacity ? -.infinity : bounds[0] }

  mutating func offer(_ bound: Float) {
    if bounds.count == capacity {
      if bound <= bounds[0] { return }
      bounds.removeFirst()
    }
    let place = bounds.firstIndex { $0 >= bound } ?? bounds.count
    bounds.insert(bound, at: place)
  }
}

/// One thread's bounds of the rows of some groups.
private final class CodeScan {
  let uppers: UnsafeMutablePointer<Float>
  /// From a lower bound to its upper one.
  let spans: UnsafeMutablePointer<Float>
  private let codes: NearestCodes
  private let query: CodedVector
  private let of: loam_code_query
  private let similarity: Similarity
  private let products: UnsafeMutablePointer<Int32>
  private let places: UnsafeMutablePointer<UInt32>
  private let ones: UnsafeMutablePointer<Float>
  private let zeros: UnsafeMutablePointer<Float>

  init(_ codes: NearestCodes, _ query: [Float], _ similarity: Similarity, groups: Int) {
    (self.codes, self.similarity) = (codes, similarity)
    let coded = query.withUnsafeBufferPointer { CodedVector($0) }
    self.query = coded
    // |v'| <= |v| + |rest|; the last share is for roundings in f32.
    of = loam_code_query(
      queryScale: coded.scale, ofLength: coded.error + 4e-6 * coded.length, ofError: coded.error + coded.length)
    let rows = groups * NearestCodes.together
    (uppers, spans, ones, zeros) = (
      .allocate(capacity: rows), .allocate(capacity: rows), .allocate(capacity: rows), .allocate(capacity: rows)
    )
    ones.initialize(repeating: 1, count: rows)
    zeros.initialize(repeating: 0, count: rows)
    (products, places) = (.allocate(capacity: rows), .allocate(capacity: rows))
  }

  deinit {
    for pointer in [uppers, spans, ones, zeros] { pointer.deallocate() }
    products.deallocate()
    places.deallocate()
  }

  /// Bounds the rows of groups; places of those whose upper bound is `least` or more.
  func bound(_ groups: Range<Int>, least: Float) -> UnsafeBufferPointer<UInt32> {
    let (first, count) = (groups.lowerBound * NearestCodes.together, groups.count * NearestCodes.together)
    let width = codes.dimension
    query.codes.withUnsafeBufferPointer {
      loam_nearest_code_products(products, $0.baseAddress!, codes.codes + first * width, groups.count, width)
    }
    loam_nearest_code_bounds(
      uppers, spans, products, codes.scales + first, codes.lengths + first, codes.errors + first,
      similarity == .cosine ? codes.inverses + first : nil, count, of, similarity == .l2 ? 1 : 0)
    return UnsafeBufferPointer(
      start: places, count: loam_nearest_select(places, uppers, ones, zeros, count, least))
  }
}
