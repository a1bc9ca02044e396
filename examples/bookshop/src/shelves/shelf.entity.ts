import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('shelves')
export class Shelf {
  @PrimaryColumn({ type: 'text' })
  shelf: string;

  @PrimaryColumn({ type: 'integer' })
  slot: number;

  @Column({ type: 'text', nullable: true })
  isbn: string | null;
}
