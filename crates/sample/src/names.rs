//! Names for people and firms that do not exist.

use crate::draw::Draw;

const FIRST: [&str; 64] = [
    "Ada", "Alan", "Alma", "Amir", "Anita", "Aron", "Bea", "Ben", "Carla", "Cesar", "Chloe", "Clara", "Dana", "Diego",
    "Dora", "Edwin", "Elena", "Emil", "Erin", "Faye", "Felix", "Gina", "Grace", "Hana", "Hugo", "Ida", "Irene", "Ivan",
    "Jade", "Jonas", "Joy", "Kara", "Kenji", "Lara", "Leon", "Lila", "Luis", "Maeve", "Marco", "Mina", "Nadia", "Nils",
    "Nora", "Omar", "Opal", "Owen", "Paula", "Pia", "Quinn", "Rafael", "Rosa", "Ruth", "Sami", "Sara", "Silas", "Tess",
    "Theo", "Uma", "Vera", "Victor", "Wendy", "Yara", "Yusuf", "Zoe",
];
const LAST: [&str; 72] = [
    "Abbott", "Acker", "Amado", "Archer", "Baptiste", "Barrow", "Becker", "Bishop", "Bloom", "Boyd", "Brandt",
    "Calder", "Carver", "Castillo", "Chan", "Cole", "Conte", "Cruz", "Dalton", "Dietz", "Doyle", "Dunn", "Ellis",
    "Engel", "Farrow", "Fenn", "Flores", "Frost", "Gage", "Garza", "Gill", "Grant", "Hale", "Harlan", "Hayes",
    "Hirsch", "Holt", "Ibarra", "Iqbal", "Jansen", "Joyce", "Kane", "Keller", "Kim", "Kovac", "Lang", "Lopez", "Lund",
    "Marsh", "Mehta", "Moreau", "Nash", "Novak", "Ochoa", "Okafor", "Park", "Petrov", "Pope", "Quist", "Ramos",
    "Reyes", "Rowe", "Sandoval", "Shah", "Singh", "Sloan", "Tanaka", "Tran", "Ueda", "Vance", "Wolfe", "Zhou",
];
const TRADE: [&str; 24] = [
    "Bakery",
    "Books",
    "Brewing",
    "Builders",
    "Cabinetry",
    "Clinic",
    "Dental",
    "Electric",
    "Farms",
    "Foods",
    "Freight",
    "Glass",
    "Hardware",
    "Hospitality",
    "Landscaping",
    "Machine",
    "Marine",
    "Nursery",
    "Paper",
    "Plumbing",
    "Printing",
    "Roofing",
    "Textiles",
    "Veterinary",
];
const PLACE: [&str; 30] = [
    "Alder Creek",
    "Bayside",
    "Beacon",
    "Birch Hill",
    "Blue Heron",
    "Cedar Point",
    "Clearwater",
    "Copper",
    "Crescent",
    "Eastgate",
    "Elm Street",
    "Fairview",
    "Foxglove",
    "Granite",
    "Greenway",
    "Hilltop",
    "Juniper",
    "Lakeshore",
    "Maple",
    "Millbrook",
    "North Pier",
    "Oak Park",
    "Old Mill",
    "Quarry",
    "Riverbend",
    "Saltmarsh",
    "Stonebridge",
    "Sunrise",
    "Three Rivers",
    "Westfield",
];

/// A person's name.
pub(crate) fn person(draw: &mut Draw) -> String {
    let first = draw.pick(&FIRST).copied().unwrap_or("Ada");
    let last = draw.pick(&LAST).copied().unwrap_or("Abbott");
    format!("{first} {last}")
}

/// A firm's name.
pub(crate) fn firm(draw: &mut Draw) -> String {
    let place = draw.pick(&PLACE).copied().unwrap_or("Maple");
    let trade = draw.pick(&TRADE).copied().unwrap_or("Foods");
    let form = draw.pick(&["LLC", "Inc.", "Co."]).copied().unwrap_or("LLC");
    format!("{place} {trade} {form}")
}

/// `Ada Abbott` as the local part of a mail address, `ada.abbott`.
pub(crate) fn mailbox(name: &str) -> String {
    name.to_lowercase().replace(' ', ".")
}
