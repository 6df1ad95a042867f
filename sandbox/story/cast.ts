/** Everyone of Northwharf who can sign in. `sub` is the number in the staff directory and never changes; e-mail may. */
// biome-ignore format: the columns are the point
export const cast: readonly CastMember[] = [
  { sub: "u-1001", name: "Mara Oyelaran", email: "mara.oyelaran@northwharf.example", groups: ["staff", "data", "on-call"], title: "Data engineer" },
  { sub: "u-1008", name: "Ilse Brandt", email: "ilse.brandt@northwharf.example", groups: ["staff", "security"], title: "Security analyst" },
  { sub: "u-1015", name: "Teo Park", email: "teo.park@northwharf.example", groups: ["staff", "platform", "on-call", "owners-prod-web"], title: "Platform owner" },
  { sub: "u-1022", name: "Jonas Weiss", email: "jonas.weiss@northwharf.example", groups: ["staff", "web", "on-call"], title: "Staff engineer, storefront" },
  { sub: "u-1029", name: "Ana Ribeiro", email: "ana.ribeiro@northwharf.example", groups: ["staff", "data", "owners-prod-data"], title: "Head of data" },
  { sub: "u-1036", name: "Sam Okafor", email: "sam.okafor@northwharf.example", groups: ["staff", "security"], title: "Security engineer" },
  { sub: "u-1043", name: "Noor Haddad", email: "noor.haddad@northwharf.example", groups: ["staff", "security", "audit"], title: "Head of security" },
  { sub: "u-1050", name: "Priya Raman", email: "priya.raman@northwharf.example", groups: ["staff", "platform", "on-call"], title: "Platform engineer" },
  { sub: "u-1057", name: "Lukas Lindqvist", email: "lukas.lindqvist@northwharf.example", groups: ["staff", "platform", "owners-staging"], title: "Platform engineer" },
  { sub: "u-1064", name: "Camille Moreau", email: "camille.moreau@northwharf.example", groups: ["staff", "platform"], title: "Release manager" },
  { sub: "u-1071", name: "Tomasz Zielinski", email: "tomasz.zielinski@northwharf.example", groups: ["staff", "platform"], title: "Build engineer" },
  { sub: "u-1078", name: "Hana Sato", email: "hana.sato@northwharf.example", groups: ["staff", "web", "on-call"], title: "Storefront engineer" },
  { sub: "u-1085", name: "Diego Fuentes", email: "diego.fuentes@northwharf.example", groups: ["staff", "web"], title: "Storefront engineer" },
  { sub: "u-1092", name: "Freya Nilsen", email: "freya.nilsen@northwharf.example", groups: ["staff", "web"], title: "Frontend engineer" },
  { sub: "u-1099", name: "Owen Gallagher", email: "owen.gallagher@northwharf.example", groups: ["staff", "web"], title: "Frontend engineer" },
  { sub: "u-1106", name: "Ines Carvalho", email: "ines.carvalho@northwharf.example", groups: ["staff", "web"], title: "Checkout engineer" },
  { sub: "u-1113", name: "Mateo Alvarez", email: "mateo.alvarez@northwharf.example", groups: ["staff", "web", "on-call"], title: "Checkout engineer" },
  { sub: "u-1120", name: "Zainab Yusuf", email: "zainab.yusuf@northwharf.example", groups: ["staff", "web"], title: "Search engineer" },
  { sub: "u-1127", name: "Elif Kaya", email: "elif.kaya@northwharf.example", groups: ["staff", "web"], title: "Search engineer" },
  { sub: "u-1134", name: "Rui Tanaka", email: "rui.tanaka@northwharf.example", groups: ["staff", "web"], title: "Performance engineer" },
  { sub: "u-1141", name: "Anders Holm", email: "anders.holm@northwharf.example", groups: ["staff", "web"], title: "Engineering manager" },
  { sub: "u-1148", name: "Bea Novak", email: "bea.novak@northwharf.example", groups: ["staff", "data"], title: "Data engineer" },
  { sub: "u-1155", name: "Cyrus Amini", email: "cyrus.amini@northwharf.example", groups: ["staff", "data", "on-call"], title: "Data engineer" },
  { sub: "u-1162", name: "Daria Petrova", email: "daria.petrova@northwharf.example", groups: ["staff", "data"], title: "Analyst, growth" },
  { sub: "u-1169", name: "Emeka Nwosu", email: "emeka.nwosu@northwharf.example", groups: ["staff", "data"], title: "Analyst, pricing" },
  { sub: "u-1176", name: "Gita Sharma", email: "gita.sharma@northwharf.example", groups: ["staff", "data"], title: "Analyst, supply" },
  { sub: "u-1183", name: "Hugo Lambert", email: "hugo.lambert@northwharf.example", groups: ["staff", "data"], title: "Machine learning engineer" },
  { sub: "u-1190", name: "Jia Wen", email: "jia.wen@northwharf.example", groups: ["staff", "data"], title: "Machine learning engineer" },
  { sub: "u-1197", name: "Kofi Mensah", email: "kofi.mensah@northwharf.example", groups: ["staff", "data"], title: "Data scientist" },
  { sub: "u-1204", name: "Lena Vogel", email: "lena.vogel@northwharf.example", groups: ["staff", "data"], title: "Data scientist" },
  { sub: "u-1211", name: "Milan Kovac", email: "milan.kovac@northwharf.example", groups: ["staff", "data"], title: "Analyst, finance" },
  { sub: "u-1218", name: "Nadia Rahimi", email: "nadia.rahimi@northwharf.example", groups: ["staff", "data"], title: "Analytics engineer" },
  { sub: "u-1225", name: "Oscar Lund", email: "oscar.lund@northwharf.example", groups: ["staff", "dba", "data"], title: "Database administrator" },
  { sub: "u-1232", name: "Petra Simic", email: "petra.simic@northwharf.example", groups: ["staff", "dba", "on-call", "data"], title: "Database administrator" },
  { sub: "u-1239", name: "Quentin Dubois", email: "quentin.dubois@northwharf.example", groups: ["staff", "mobile"], title: "Mobile engineer" },
  { sub: "u-1246", name: "Rosa Delgado", email: "rosa.delgado@northwharf.example", groups: ["staff", "mobile"], title: "Mobile engineer" },
  { sub: "u-1253", name: "Stefan Brun", email: "stefan.brun@northwharf.example", groups: ["staff", "mobile"], title: "Mobile engineer" },
  { sub: "u-1260", name: "Tara Whelan", email: "tara.whelan@northwharf.example", groups: ["staff", "finance"], title: "Cloud cost analyst" },
  { sub: "u-1267", name: "Umar Siddiqui", email: "umar.siddiqui@northwharf.example", groups: ["staff", "finance"], title: "Finance controller" },
  { sub: "u-1274", name: "Vera Antonova", email: "vera.antonova@northwharf.example", groups: ["staff", "audit"], title: "Internal auditor" },
  { sub: "u-1281", name: "Wim de Vries", email: "wim.de.vries@northwharf.example", groups: ["staff", "support"], title: "Support lead" },
  { sub: "u-1288", name: "Xenia Pappas", email: "xenia.pappas@northwharf.example", groups: ["staff", "support"], title: "Support engineer" },
  { sub: "u-1295", name: "Yusuf Demir", email: "yusuf.demir@northwharf.example", groups: ["staff", "support", "on-call"], title: "Support engineer" },
  { sub: "u-1302", name: "Zoe Archer", email: "zoe.archer@northwharf.example", groups: ["contractors"], title: "Contractor, penetration tester" },
];

/** One person as the sign-in provider knows them. */
export interface CastMember {
  readonly sub: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
  readonly title: string;
}
