import LoamSchema

/// Finds what is wrong with a store, or soon will be, and says what to do.
///
/// It looks from the outside in: the directory, the environments, the catalog, the blocks. What keeps it from going
/// further in is itself a finding. It changes two things, both safe beside living processes: reader slots of dead
/// processes are freed by opening, and what dead writers left is removed unless `lookOnly`.
public struct Doctor {
  let layout: StoreLayout
  let options: DoctorOptions
  var diagnosis = Diagnosis()

  /// Throws `notAStore` where there is none, and what means "try again", such as `storeBusy`.
  public static func examine(_ path: String, _ options: DoctorOptions = DoctorOptions()) throws(StoreError)
    -> Diagnosis
  {
    var doctor = Doctor(layout: StoreLayout(root: Store.canonical(path)), options: options)
    try doctor.run()
    return doctor.diagnosis
  }

  private mutating func run() throws(StoreError) {
    let identity: StoreIdentity
    do throws(StoreError) {
      identity = try layout.readIdentity()
    } catch {
      if error.reason == .notAStore { throw error }
      return add(Finding(cannotOpen: error))
    }
    examineDirectory(identity)
    examineDisk()
    if !diagnosis.findings(.missingShard).isEmpty { return }
    do throws(StoreError) {
      try examineOpened()
      // A damaged store is left as it is: what is in it may be wanted for looking into it.
      if !options.lookOnly, diagnosis.category != .damaged { try clean() }
    } catch {
      if error.category == .busy || error.reason == .openTwice { throw error }
      add(Finding(cannotOpen: error))
    }
  }

  private mutating func examineOpened() throws(StoreError) {
    let store = try Store.open(at: layout.root, for: .read)
    defer { store.close() }
    try examinePages(store)
    guard diagnosis.findings(.badPages).isEmpty else { return }
    try examineReaders(store)
    try examineReaderAges(store)
    try examineMaps(store)
    try examineWriters(store)
    try examineShards(store)
    if diagnosis.findings(.laggingShard).isEmpty { try examineContent(store) }
  }

  mutating func add(_ finding: Finding) { diagnosis.findings.append(finding) }

  /// Opening for writing finishes what dead writers left (protocol.md, section 4).
  private mutating func clean() throws(StoreError) {
    let leftovers: [Finding.Kind] = [.deadWriter, .deadOwnerFiles]
    guard diagnosis.findings.contains(where: { leftovers.contains($0.kind) }) else { return }
    try Store.open(at: layout.root, for: .write).close()
    for (index, finding) in diagnosis.findings.enumerated() where leftovers.contains(finding.kind) {
      diagnosis.findings[index] = .note(finding.kind, finding.message + "; removed now")
    }
  }
}
