/** SQL that takes the store from version n to n + 1, n = its place in `migrations`. Never edited once released. */
export type Migration = string;

export const migrations: readonly Migration[] = [
  `create table rows (
     partition  text    not null,
     sort       text    not null,
     version    integer not null,
     expires_at integer,
     value      text    not null,
     primary key (partition, sort)
   ) strict, without rowid;
   create index rows_expiry on rows (expires_at) where expires_at is not null;`,
];
