import type { search as english } from '../en/search.ts';
import type { Worded } from '../worded.ts';

export const search: Worded<typeof english> = {
  search: {
    title: '검색',
    detail: '모든 폴더에서 이름으로 찾습니다. 어디서든 {{keys}}.',
    label: '파일과 폴더 이름',
    start: '이름의 일부를 입력해 보세요. 여러 낱말은 순서와 표기에 상관없이 찾습니다.',
    none: '그런 이름은 여기에도, 지운 것 가운데에도 없습니다.',
    results: '찾은 것',
    count_one: '{{count, number}}개 찾음',
    count_other: '{{count, number}}개 찾음',
    first_one: '가장 가까운 {{count, number}}개입니다. 더 입력하면 줄어듭니다.',
    first_other: '가장 가까운 {{count, number}}개입니다. 더 입력하면 줄어듭니다.',
    deleted: '지움',
    show: '위치 보기',
    showOf: '위치 보기: {{name}}',
    open: '폴더에서 보기',
    openOf: '폴더에서 보기: {{name}}',
  },
};
